#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenStack Swift with its S3 front, whole, in one process: proxy, account, container and object
server, each listening on a port of its own on 127.0.0.1. Everything that it writes lies in FOLDER,
which must be on a file system with user attributes. The cache that tempauth asks for is a
dictionary, so no memcached is needed, nor the packages of the servers, which would start by
themselves: python3-swift holds them all. Access key test:tester, secret "testing".

usage: swift_s3.py FOLDER SKEW_SECONDS   prints its port and serves until it is ended
"""
import logging
import os
import pathlib
import socket
import sys

import eventlet
from swift.common import ring, utils, wsgi

SWIFT = """[swift-hash]
swift_hash_path_suffix = x
[storage-policy:0]
name = one
default = yes
"""
DEFAULTS = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
recon_cache_path = {folder}
disable_fallocate = true
log_level = WARNING
log_udp_host = 127.0.0.1
log_udp_port = {log_port}
log_custom_handlers = __main__.log_to_stderr
"""
STORE = """[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""
PROXY = """[pipeline:main]
pipeline = catch_errors listing_formats bulk s3api tempauth slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
storage_domain = localhost
allowable_clock_skew = {skew}
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
"""


class Cache:
    """As much of a memcache client as the proxy uses."""

    def __init__(self):
        self.values = {}

    def get(self, key, **_):
        return self.values.get(key)

    def set(self, key, value, **_):
        self.values[key] = value

    def delete(self, key, **_):
        self.values.pop(key, None)


def log_to_stderr(conf, name, _console, _route, _format, logger, _adapted):
    """Swift's own logging goes to a syslog; what it warns of is wanted where the test looks."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)


def listen():
    listener = eventlet.listen(("127.0.0.1", 0), backlog=128)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def make_ring(folder, kind, port):
    """One copy, four partitions, one device."""
    builder = ring.RingBuilder(2, 1, 0)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": port,
                     "replication_ip": "127.0.0.1", "replication_port": port, "device": "sd1",
                     "weight": 1.0, "meta": ""})
    builder.rebalance()
    builder.get_ring().save(str(folder / f"{kind}.ring.gz"))


def serve(folder, kind, text, listener, log_port, cache):
    path = folder / f"{kind}.conf"
    defaults = DEFAULTS.format(port=listener.getsockname()[1], folder=folder, log_port=log_port)
    path.write_text(defaults + text, encoding="utf-8")
    app = wsgi.loadapp(str(path), global_conf={"log_name": kind})

    def with_cache(environment, start_response):
        environment["swift.cache"] = cache
        return app(environment, start_response)

    # Names of headers stay as they are written: "ETag" is what S3 clients look for.
    eventlet.spawn(eventlet.wsgi.server, listener, with_cache, log=utils.NullLogger(),
                   protocol=wsgi.SwiftHttpProtocol, capitalize_response_headers=False)


def main():
    folder, skew = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    (folder / "devices" / "sd1").mkdir(parents=True)
    (folder / "swift.conf").write_text(SWIFT, encoding="utf-8")
    os.environ["TZ"] = "UTC+0"
    utils.eventlet_monkey_patch()
    utils.set_swift_dir(str(folder))
    drain = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # syslog's lines end here, unread
    drain.bind(("127.0.0.1", 0))
    log_port = drain.getsockname()[1]
    listeners = {kind: listen() for kind in ("account", "container", "object", "proxy")}
    for kind in ("account", "container", "object"):
        make_ring(folder, kind, listeners[kind].getsockname()[1])
        serve(folder, kind, STORE.format(kind=kind), listeners[kind], log_port, None)
    serve(folder, "proxy", PROXY.format(skew=skew), listeners["proxy"], log_port, Cache())
    print(listeners["proxy"].getsockname()[1], flush=True)
    while True:
        eventlet.sleep(3600)


if __name__ == "__main__":
    main()
