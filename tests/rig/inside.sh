#!/bin/bash
# The first process inside netns.sh: the line goes up, the command runs, and with this process everything ends.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
ip link set lo up
# What iaxmodem and HylaFAX write outside their spool: modems in /dev, their settings, locks. All private to us.
mkdir "$FAX_RIG"/{dev,dev/pts,dev/shm,iaxmodem,lock}
cp -a /dev/{null,zero,full,random,urandom,tty} "$FAX_RIG/dev"
ln -s pts/ptmx "$FAX_RIG/dev/ptmx"
ln -s /proc/self/fd "$FAX_RIG/dev/fd"
chmod 1777 "$FAX_RIG"/{lock,dev/shm}
mount -t devpts -o newinstance,ptmxmode=0666,mode=0660 devpts "$FAX_RIG/dev/pts"
mount --rbind "$FAX_RIG/dev" /dev
mount --bind "$FAX_RIG/iaxmodem" /etc/iaxmodem
mount --bind "$FAX_RIG/lock" /run/lock
"$here/up.sh" > "$FAX_RIG/up.log" 2>&1 || { cat "$FAX_RIG/up.log" >&2; exit 1; }
status=0
"$@" || status=$?
exit "$status"
