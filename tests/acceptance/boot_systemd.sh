#!/bin/bash
# A machine of its own for the test of the units: PID 1 of new namespaces, over a copy of / that is
# thrown away. Usage: boot_systemd.sh FOLDER TREE...; each TREE is FROM:TO, seen read-only inside.
# Needs root, overlayfs and cgroup2. Ends when its parent kills it; nothing is left behind.
set -euo pipefail

folder=$1
shift
if [ "${BOOT_STAGE:-}" != inside ]; then
    echo $$ >"$BOOT_CGROUP/cgroup.procs"
    exec env BOOT_STAGE=inside unshare --mount --pid --uts --ipc --net --cgroup --fork \
        --kill-child=KILL --propagation private /bin/bash "$0" "$folder" "$@"
fi

mount -t tmpfs -o mode=755 machine "$folder"
mkdir "$folder"/{upper,work,root}
mount -t overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" overlay "$folder/root"
root=$folder/root
hostname machine
ip link set lo up
for address in 203.0.113.1 10.0.0.1 169.254.169.254; do ip address add "$address/32" dev lo; done

for tree in "$@"; do
    mkdir -p "$root${tree#*:}"
    mount --rbind "${tree%%:*}" "$root${tree#*:}"
done

# the kernel's own trees: what could change the real machine is read-only
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mount -t tmpfs -o mode=755 dev "$root/dev"
mkdir "$root"/dev/{pts,shm,mqueue}
for device in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
    IFS=: read -r name major minor <<<"$device"
    mknod -m 666 "$root/dev/$name" c "$major" "$minor"
done
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"

# nothing of the host starts; what needs a real machine is masked
units=$root/etc/systemd/system
rm -rf "$units"/*.wants "$units"/*.requires
printf '[Unit]\nRequires=basic.target\nAfter=basic.target\n' >"$units/test.target"
for unit in systemd-{sysctl,modules-load,remount-fs,binfmt,udevd,timesyncd,update-utmp,firstboot}.service \
    systemd-{udevd-control,udevd-kernel,journald-audit}.socket systemd-tmpfiles-clean.timer \
    {apt-daily,apt-daily-upgrade,dpkg-db-backup,e2scrub_all,man-db,fstrim,logrotate}.timer \
    {dev-hugepages,sys-kernel-debug,sys-kernel-tracing,sys-kernel-config,sys-fs-fuse-connections}.mount \
    proc-sys-fs-binfmt_misc.automount modprobe@{configfs,dm_mod,drm,efi_pstore,fuse,loop}.service; do
    ln -sf /dev/null "$units/$unit"
done
printf '[Journal]\nStorage=volatile\nAudit=no\nReadKMsg=no\nRateLimitBurst=0\n' >"$root/etc/systemd/journald.conf"
: >"$root/etc/fstab"
tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"

cd "$root"
mkdir -p .before
pivot_root . .before
umount -l /.before
mount --make-rshared / # PID 1 does not, in a container; LoadCredential= gives nothing without it
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    setpriv --bounding-set -sys_module,-sys_rawio,-sys_time,-sys_boot,-syslog \
    /lib/systemd/systemd --system --unit=test.target --show-status=no --log-target=journal
