# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by packaging/shell: the Debian 13 root that stands in where the host's own GIMP or
# ImageMagick is too old, and the root of another Debian suite that tests ask for. It finds or makes
# the root and enters it with bubblewrap.
#
# A root is $cache/SUITE-KIND-HASH: KIND is "base" (build, run and demo packages), "full" (also the
# tests') or "peers" (the core and what judges it), HASH is of the package list, so a changed list
# means another root. lib/make-root builds it under a temporary name and renames it when whole: a
# folder of that name is complete.
# It is only read once made: inside, / is a small tmpfs on which the root's usr, etc and var lie
# read-only and the host's other folders (home, tmp, srv, …) lie at their own paths.

root_suite=trixie
root_name='Debian 13'
root_format=1 # counted up when lib/make-root makes roots differently

root_sections() { # KIND
    case $1 in
    full) printf 'core build run demo peers test' ;;
    peers) printf 'core demo peers' ;;
    *) printf 'core build run demo' ;;
    esac
}

# Prints the packages of a root, one a line: Debian's names.
root_packages() { # KIND
    # shellcheck disable=SC2046
    packages_in $(root_sections "$1") | sed 's/|.*//' | sort -u
}

root_path() { # KIND
    local hash
    hash=$({ printf '%s\n' "$root_format" "$root_suite"; root_packages "$1"; } | sha256sum)
    printf '%s/%s-%s-%s' "$cache" "$root_suite" "$1" "${hash:0:12}"
}

# Sets `root` to a complete root that has at least KIND's packages; fails when there is none.
root_find() { # KIND
    local kind kinds='full base'
    if [[ $1 == peers ]]; then
        kinds=peers
    fi
    for kind in $kinds; do
        root=$(root_path "$kind")
        if [[ -d $root ]]; then
            return 0
        fi
        if [[ $kind == "$1" ]]; then
            return 1
        fi
    done
    return 1
}

# Makes the root of KIND and sets `root`. One caller at a time: the others wait and find it done.
root_make() { # KIND
    local missing status=0 maker stop
    mapfile -t missing < <(packages_missing enter)
    if ((${#missing[@]})); then
        packages_install "${missing[@]}"
    fi
    exec {lock_fd}>"$cache/build.lock"
    if ! flock -n "$lock_fd"; then
        say "another imgrecog command is making the $root_name root; waiting for it"
        flock "$lock_fd"
    fi
    if root_find "$1"; then
        exec {lock_fd}>&-
        return
    fi
    root=$(root_path "$1")
    if ((EUID != 0)); then
        command -v sudo >/dev/null || die "Making a $root_name root needs root once, and there is no sudo." \
            "Install sudo, or install GIMP 3 and ImageMagick 7 on this system."
        sudo -v # asks for the password now, in the foreground
    fi
    if [[ $1 == peers ]]; then
        say "making a $root_name root for the peers' versions there (some minutes, about 2 GB)"
    else
        say "making a $root_name root for GIMP 3 and ImageMagick 7 (some minutes, about 3 GB)"
    fi
    # make-root stops and cleans up when its standard input ends, however this process ends.
    # shellcheck disable=SC2046
    exec {stop}> >(as_root_maker $(root_packages "$1"))
    maker=$!
    trap 'root_make_stop '"$stop $maker"' INT' INT
    trap 'root_make_stop '"$stop $maker"' TERM' TERM
    trap 'root_make_stop '"$stop $maker"' HUP' HUP
    wait "$maker" || status=$?
    trap - INT TERM HUP
    exec {stop}>&- {lock_fd}>&-
    if ((status)); then
        die "The $root_name root could not be made; everything that was said is in $cache/make-root.log" \
            "A mirror out of reach is the usual cause; then run the command again."
    fi
    say "the root is ready: $root"
}

as_root_maker() { # PACKAGE…
    local run=()
    if ((EUID != 0)); then
        run=(sudo -n --)
    fi
    # Its own output goes to standard error, never to the caller's standard output.
    exec "${run[@]}" "$packaging/lib/make-root" "$root" "$root_suite" "$(id -u)" "$(id -g)" \
        "$(getent passwd "$(id -u)" || true)" "$@" >&2
}

root_make_stop() { # FD PID SIGNAL
    local stop=$1
    trap '' INT TERM HUP
    say "interrupted; removing what was made"
    exec {stop}>&-
    wait "$2" || true
    trap - "$3"
    kill -s "$3" $$
}

# Appends to `binds` what makes host folder $1 visible at its path inside, also below a folder that
# belongs to the root (such as /var/lib/ci/job): that one is opened, level by level.
root_expose() {
    local path=$1 level='' rest part entry
    [[ -d $path ]] || return 0
    rest=${path#/}
    while [[ $rest ]]; do
        part=${rest%%/*}
        rest=${rest#"$part"}
        rest=${rest#/}
        level=$level/$part
        if [[ " ${exposed[*]} " == *" $level "* ]]; then
            return 0 # a host folder already: all below is there
        fi
        if [[ ! -d $root$level ]] || [[ ! $rest ]]; then
            binds+=(--bind "$level" "$level")
            exposed+=("$level")
            return 0
        fi
        if [[ " ${opened[*]} " != *" $level "* ]]; then
            opened+=("$level")
            binds+=(--tmpfs "$level")
            for entry in "$root$level"/* "$root$level"/.[!.]*; do
                if [[ -L $entry ]]; then
                    binds+=(--symlink "$(readlink -- "$entry")" "$level/${entry##*/}")
                elif [[ -e $entry ]]; then
                    binds+=(--ro-bind "$entry" "$level/${entry##*/}")
                fi
            done
        fi
    done
}

# Sets `binds`: bubblewrap's arguments for the file system.
root_binds() {
    local name entry
    exposed=() opened=()
    binds=(--tmpfs /)
    for name in bin sbin lib lib32 lib64 libx32; do
        if [[ -L $root/$name ]]; then
            binds+=(--symlink "$(readlink -- "$root/$name")" "/$name")
        fi
    done
    binds+=(--ro-bind "$root/usr" /usr --ro-bind "$root/etc" /etc --ro-bind "$root/var" /var
        --proc /proc --dev-bind /dev /dev --bind /run /run --ro-bind-try /sys /sys
        --bind /var/tmp /var/tmp)
    for entry in /*; do
        name=${entry#/}
        case $name in
        bin | sbin | lib | lib32 | lib64 | libx32 | usr | etc | var | proc | dev | run | sys) ;;
        boot | lost+found | snap) ;;
        *)
            if [[ -L $entry ]]; then
                binds+=(--symlink "$(readlink -- "$entry")" "$entry")
            elif [[ -d $entry ]]; then
                binds+=(--bind "$entry" "$entry")
                exposed+=("$entry")
            fi
            ;;
        esac
    done
    # make-root left plain files at these places to put the host's own upon.
    for entry in resolv.conf hosts hostname localtime machine-id ssl/certs/ca-certificates.crt; do
        if [[ -s /etc/$entry && -f $root/etc/$entry ]]; then
            binds+=(--ro-bind "/etc/$entry" "/etc/$entry")
        fi
    done
    for entry in "$project" "${HOME:-/}" "$cache" "$PWD" "$(pwd -P)"; do
        root_expose "$entry"
    done
}

# True when this user may make a namespace to put the root in.
root_may_enter() {
    ((EUID == 0)) || bwrap --ro-bind / / --proc /proc true 2>/dev/null
}

# The process whose parent chain is sudo and bwrap only: where a signal belongs.
root_inner_pid() { # PID
    local pid=$1 child comm
    while comm=$(<"/proc/$pid/comm") && [[ $comm == bwrap || $comm == sudo ]]; do
        read -r child _ <"/proc/$pid/task/$pid/children" || true
        [[ ${child:-} ]] || break
        pid=$child
    done 2>/dev/null
    printf '%s' "$pid"
}

# Runs a command inside and exits as it does. Standard streams, terminal and process group are the
# caller's. bubblewrap's own process dies of a signal and takes the command with it, so INT and QUIT
# (which a terminal sends to all) are kept from it, and TERM, HUP, USR1 and USR2 are passed on.
root_run() { # COMMAND…
    local ignored reset='' run=() drop=() pid status signal clean trapped
    root_binds
    for clean in LD_LIBRARY_PATH LD_PRELOAD LIBRARY_PATH PYTHONHOME PYTHONPATH PERL5LIB LOCPATH \
        GTK_PATH GTK_EXE_PREFIX GTK_IM_MODULE_FILE GIO_MODULE_DIR GDK_PIXBUF_MODULE_FILE \
        GI_TYPELIB_PATH GSETTINGS_SCHEMA_DIR MAGICK_HOME MAGICK_CONFIGURE_PATH PKG_CONFIG_PATH; do
        binds+=(--unsetenv "$clean") # they speak of the host's files
    done
    binds+=(--setenv IMGRECOG_ROOT "$root" --die-with-parent --chdir "$PWD"
        --setenv PATH /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
    if ! root_may_enter; then
        command -v sudo >/dev/null || die \
            "This system forbids user namespaces to ordinary users, so bubblewrap cannot enter $root." \
            "Run the command as root, install sudo, or let an administrator allow bwrap user namespaces."
        run=(sudo --preserve-env --)
        drop=(setpriv --reuid "$(id -u)" --regid "$(id -g)" --groups "$(id -G | tr ' ' ,)" --no-new-privs)
        binds+=(--setenv HOME "$HOME" --setenv USER "$(id -un)" --setenv LOGNAME "$(id -un)")
    fi
    ignored=$(awk '$1 == "SigIgn:" { print $2 }' "/proc/$$/status")
    ((16#$ignored & 1 << 1)) || reset+=,INT
    ((16#$ignored & 1 << 2)) || reset+=,QUIT
    trap '' INT QUIT
    "${run[@]}" bwrap "${binds[@]}" -- "${drop[@]}" \
        env ${reset:+--default-signal="${reset#,}"} "$@" <&0 &
    pid=$!
    for signal in TERM HUP USR1 USR2; do
        # shellcheck disable=SC2064
        trap "trapped=1; kill -s $signal \"\$(root_inner_pid $pid)\" 2>/dev/null || true" $signal
    done
    # A trapped signal ends "wait" too; then wait on: the status of an ended child is kept.
    while :; do
        trapped='' status=0
        wait "$pid" || status=$?
        [[ $trapped ]] || exit "$status"
    done
}
