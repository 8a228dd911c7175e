# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by packaging/shell, demo and test: messages, the package list, and installing from it
# with the host's own package manager. Nothing here prints on standard output but the functions
# whose comment says so.

packaging=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd -P)
project=${packaging%/*}

say() {
    printf 'imgrecog: %s\n' "$*" >&2
}

# die MESSAGE…: each argument is a line of its own.
die() {
    local line
    for line in "$@"; do
        say "$line"
    done
    exit 1
}

# Prints the lines of the given sections of the package list, alternatives as "a|b".
packages_in() {
    awk -v want=" $* " '
        { sub(/#.*/, ""); gsub(/[ \t]+/, "") }
        /^\[.*\]$/ { section = substr($0, 2, length($0) - 2); known = known " " section " "; next }
        $0 != "" && index(want, " " section " ") { print }
        END {
            n = split(want, names, " ")
            for (i = 1; i <= n; i++)
                if (!index(known, " " names[i] " "))
                    exit 1
        }' "$packaging/packages" || die "packaging/packages has not all of these sections: $*"
}

# Prints the lines of the given sections of which no alternative is installed here.
packages_missing() {
    local lines installed line name found
    lines=$(packages_in "$@")
    # shellcheck disable=SC2086 # a list of package names
    installed=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' ${lines//|/ } 2>/dev/null || true)"
    for line in $lines; do
        found=
        for name in ${line//|/ }; do
            [[ $installed == *" installed:$name "* ]] && found=1
        done
        [[ $found ]] || printf '%s\n' "$line"
    done
}

# Prints, for every argument "a|b", the first alternative that apt can install; fails when there is
# one without.
packages_choose() {
    local line name policy chosen
    # shellcheck disable=SC2086
    policy=$(LC_ALL=C apt-cache policy ${*//|/ } 2>/dev/null |
        awk '/^[^ ]/ { name = $1; sub(/:$/, "", name) }
             /^  Candidate:/ && $2 != "(none)" { printf " %s ", name }')
    for line in "$@"; do
        chosen=
        for name in ${line//|/ }; do
            if [[ ! $chosen && $policy == *" $name "* ]]; then
                chosen=$name
            fi
        done
        [[ $chosen ]] || return 1
        printf '%s\n' "$chosen"
    done
}

# True when the package manager's version of package $1 is at least $2 (epochs left out).
offers() {
    local version
    version=$(LC_ALL=C apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: //p')
    version=${version#*:}
    [[ $version && $version != '(none)' ]] && dpkg --compare-versions "$version" ge "$2"
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo -- "$@"
    else
        die "This needs root, and there is no sudo: $*" \
            "Run the command once as root, or let an administrator do it."
    fi
}

cache_dir() {
    local base=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
    [[ $base == /* ]] || die "HOME or XDG_CACHE_HOME must name a folder by its whole path."
    cache=$base/imgrecog
    mkdir -p -- "$cache" || die "The folder $cache cannot be made."
}

apt_lists_update() {
    local log=$cache/apt.log
    if [[ ${apt_lists_new:-} ]]; then
        return
    fi
    apt_lists_new=1
    say "asking the package manager for its newest lists"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update >"$log" 2>&1 </dev/null || {
        grep '^E:' "$log" | tail -n 5 >&2 || true
        say "apt-get update failed (see $log); going on with the lists that are here"
    }
}

# packages_install LINE…: installs on this host.
packages_install() {
    local log=$cache/apt.log names
    apt_lists_update
    names=$(packages_choose "$@") ||
        die "The package manager does not have all of: $*" \
            "packaging/shell needs Debian 12 or newer, or Ubuntu 24.04 or newer, with their own package sources."
    say "installing $# packages: ${names//$'\n'/ }"
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 install $names >"$log" 2>&1 </dev/null || {
        tail -n 15 -- "$log" >&2
        die "Installing failed; everything it said is in $log"
    }
}
