#!/bin/sh
# Backups and journal would be gone with the container: where no folder of the host is mounted for them, nothing can be written,
# and virtioize changes nothing. No folder can be made in /sys.
folder=/var/lib/virtioize
mountpoint -q "$folder" || folder="/sys/nothing-is-mounted-at$folder"
export VIRTIOIZE_STATE_DIR="${VIRTIOIZE_STATE_DIR:-$folder}"
exec node /opt/virtioize/bin/virtioize.js "$@"
