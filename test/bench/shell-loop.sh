#!/bin/bash
# What an admin would write at first: dump each guest, change it with sed, define it again.
# shell-loop.sh URI FOLDER
set -eu
for name in $(virsh -q -c "$1" list --all --name); do
  virsh -q -c "$1" dumpxml --inactive --security-info "$name" |
    sed -E "s/<target dev='hd(.)' bus='ide'\/>/<target dev='vd\1' bus='virtio'\/>/; /<address type='drive'/d" >"$2/$name.xml"
  virsh -q -c "$1" define "$2/$name.xml" >/dev/null
done
