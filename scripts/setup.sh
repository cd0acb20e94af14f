# Sourced by scripts/try and scripts/check: installs what is missing (Debian and Ubuntu) and builds. Only packages that start
# no service; nothing is installed, and no privilege asked for, when all is there.

# What the program is built from and the lab is made of; what the tests need besides.
BUILD_PACKAGES="gcc libc6-dev make flex bison libpcap-dev libnet1-dev libmnl-dev libnftables-dev libgmp-dev libreadline-dev
	libpcre2-dev zlib1g-dev iproute2 busybox util-linux"
TEST_PACKAGES="libcmocka-dev python3 python3-scapy tshark tcpdump"

say() { printf '%s\n' "$*" >&2; }
die() { say "${0##*/}: $*"; exit 1; }

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo > /dev/null; then
		say "$ sudo $*"
		sudo "$@"
	else
		die "not root, and there is no sudo. As root, run: $*"
	fi
}

missing_packages() {
	for package in "$@"; do
		case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null) in
		installed) ;;
		*) printf '%s ' "$package" ;;
		esac
	done
}

install_packages() {
	if ! command -v apt-get > /dev/null; then
		say "This is no Debian or Ubuntu: taking it that the likes of these are installed: $*"
		return
	fi
	# shellcheck disable=SC2046
	set -- $(missing_packages "$@")
	[ $# -gt 0 ] || return 0
	say "Installing $*"
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update > /dev/null || say "apt-get update failed; trying with what is known"
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "$@" > /dev/null ||
		die "could not install $*"
}

# Unpacks a package below a folder without installing it: its services are never started.
unpack_package() {
	[ -d "$2" ] && return
	mkdir -p "$2" && (cd "$2" && apt-get -q -o APT::Sandbox::User=root download "$1" > /dev/null && dpkg-deb -x ./"$1"_*.deb .) || die "could not unpack $1"
}

processors() { nproc 2> /dev/null || echo 1; }

build() {       # build [MAKE ARGUMENTS]
	make -s -j"$(processors)" "$@" || die "the build failed"
}
