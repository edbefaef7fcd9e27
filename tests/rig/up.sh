#!/bin/bash
# A fax line without a telephone: HylaFAX -> iaxmodem -> exchange.py -> iaxmodem -> faxgetty, all on this machine.
# The modems speak IAX2 to the exchange without a PBX: `refresh 0` is no registration. Run by netns.sh only.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH=$PATH:/usr/sbin
run=$FAX_RIG
chmod 755 "$run"

modem() { # name, its own port, the port it calls, its number
  cat > "/etc/iaxmodem/$1" << CONFIG
device /dev/$1
owner uucp:uucp
mode 660
port $2
refresh 0
server 127.0.0.1:$3
peername $1
secret none
cidname $1
cidnumber $4
codec slinear
nodaemon
CONFIG
}

spool() { # folder
  cp -a /var/spool/hylafax "$1"
  rm -rf "$1"/{etc,sendq,doneq,docq,recvq,tmp,log,info,archive}
  mkdir -m 700 "$1"/{sendq,doneq,docq,tmp,archive}
  mkdir -m 755 "$1"/{recvq,log,info}
  cp -a /etc/hylafax "$1/etc"
  sed -i "s#^SPOOL=.*#SPOOL='$1'#" "$1/etc/setup.cache"
  chown -R uucp:uucp "$1"
  chmod 755 "$1"
}

line() { # folder, modem, number, what it calls itself
  sed -e '/^#/d' -e '/^$/d' -e 's/^CountryCode:.*/CountryCode: 49/' -e 's/^AreaCode:.*/AreaCode: 30/' \
    -e "s/^FAXNumber:.*/FAXNumber: $3/" -e 's/^LongDistancePrefix:.*/LongDistancePrefix: 0/' \
    -e 's/^InternationalPrefix:.*/InternationalPrefix: 00/' -e "s/^LocalIdentifier:.*/LocalIdentifier: \"$4\"/" \
    -e 's/^RecvFileMode:.*/RecvFileMode: 0644/' -e 's/^LogFileMode:.*/LogFileMode: 0644/' \
    /usr/share/doc/iaxmodem/examples/config.ttyIAX > "$1/etc/config.$2"
}

start() { # the name of its log, command
  local log="$run/$1.log"
  shift
  setsid "$@" >> "$log" 2>&1 < /dev/null &
}

modem ttyIAXs0 4570 4569 0049301111111
modem ttyIAXo0 4571 4569 50255550100
spool "$run/sender"
spool "$run/office"
line "$run/sender" ttyIAXs0 +49.30.1111111 CAMPAIGN
line "$run/office" ttyIAXo0 +502.5555.0100 "INVENTED OFFICE"
printf 'CountryCode: 49\nAreaCode: 30\nLongDistancePrefix: 0\nMaxConcurrentJobs: 1\nLogFileMode: 0644\n' \
  >> "$run/sender/etc/config"
# Who may log in: `campaign` without a password, `guarded` with one (openssl passwd; here: "invented").
printf 'campaign@127.0.0.1:21::\nguarded@127.0.0.1:22:%s:\n' "$(openssl passwd -salt ab -1 invented)" \
  > "$run/sender/etc/hosts.hfaxd"
chown uucp:uucp "$run/sender/etc/hosts.hfaxd"
chmod 600 "$run/sender/etc/hosts.hfaxd"

start exchange python3 -u "$here/exchange.py" 4569 "$here/routes.json"
start iaxmodem iaxmodem ttyIAXs0
start iaxmodem iaxmodem ttyIAXo0
for _ in $(seq 100); do [ -e /dev/ttyIAXs0 ] && [ -e /dev/ttyIAXo0 ] && break; sleep 0.1; done
start faxgetty faxgetty -q "$run/office" ttyIAXo0
start faxq faxq -D -q "$run/sender"
start hfaxd hfaxd -d -l 127.0.0.1 -i 4559 -q "$run/sender"
start faxgetty faxgetty -q "$run/sender" ttyIAXs0
for _ in $(seq 100); do
  grep -q 'Running and idle' "$run/sender/status/ttyIAXs0" 2> /dev/null && exit 0
  sleep 0.2
done
echo "the fax line did not come up:"
tail -n 20 "$run"/{hfaxd,faxq,faxgetty,iaxmodem,exchange}.log
exit 1
