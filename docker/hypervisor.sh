#!/bin/sh
# Runs libvirtd, and starts the guest once it answers. Ends with libvirtd, and the guest with it.
set -eu
guest=web1
virsh() { command virsh --quiet --connect qemu:///system "$@"; }

rm -f /run/playground-is-up
libvirtd &
libvirtd=$!
trap 'virsh destroy $guest || true; kill $libvirtd' TERM INT

until virsh uri >/dev/null 2>&1; do
	kill -0 $libvirtd
	sleep 0.2
done
if ! virsh domstate $guest >/dev/null 2>&1; then
	type=qemu
	if virsh domcapabilities --virttype kvm >/dev/null 2>&1; then type=kvm; fi
	sed "s/type='qemu'/type='$type'/" /var/lib/libvirt/images/$guest.xml >/tmp/$guest.xml
	virsh define /tmp/$guest.xml
fi
virsh start $guest
echo "$guest boots"
until virsh qemu-agent-command $guest '{"execute":"guest-ping"}' >/dev/null 2>&1; do sleep 1; done
touch /run/playground-is-up
echo "$guest is up"
wait $libvirtd
