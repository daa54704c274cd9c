#!/bin/sh
# Inside mount and PID namespaces of its own: make FOLDER the root and run a command there, as on a fresh machine.
#   unshare -mpf --kill-child fresh.sh FOLDER COMMAND …
set -e
root=$1
shift
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
mkdir -p "$root/old"
cd "$root"
pivot_root . old
umount -l old
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels "$@"
