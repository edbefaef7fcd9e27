#!/bin/bash
# netns.sh COMMAND...: runs it as root beside a loopback fax line, in namespaces of its own: the only network there is
# `lo`, nothing of this machine is changed, and nothing is left running or lying about, however it ends.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
for each in hfaxd faxq faxgetty iaxmodem gs tiffinfo unshare ip; do
  PATH=$PATH:/usr/sbin command -v "$each" > /dev/null || { echo "$each is missing: see $here/README.md" >&2; exit 2; }
done
[ "$(id -u)" = 0 ] || { echo "the fax line needs root: it makes network and mount namespaces" >&2; exit 2; }
FAX_RIG=$(mktemp -d "${TMPDIR:-/tmp}/fax-rig.XXXXXX")
export FAX_RIG
trap 'rm -rf "$FAX_RIG"' EXIT
# --pid: when the first process in there ends, the kernel ends all of them.
unshare --net --mount --pid --fork --kill-child --mount-proc "$here/inside.sh" "$@"
