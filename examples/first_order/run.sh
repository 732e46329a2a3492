#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A first order, step by step: checkout, payment at the sandbox, signed webhook, licence, download, verification.
# Start `./dev run` in one terminal and this in another. Needs bash, curl and sed. Every request and every answer is
# shown. Exits with 0 only when every step came out as it should.
#
#   examples/first_order/run.sh                       finds the server of this checkout's .vozex folder
#   VOZEX_STATE=/path/.vozex examples/first_order/run.sh
#   VOZEX_URL=http://127.0.0.1:8080 VOZEX_KEY=vzx_... examples/first_order/run.sh
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
readonly root work
readonly patience=60 # seconds until a status must have changed

bold= plain=
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then bold=$'\e[1m' plain=$'\e[0m'; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
die() { printf '\nfirst_order: %s\n' "$*" >&2; exit 1; }

# field NAME: the first string member of that name in the JSON on standard input, unescaped as far as this needs.
field() { tr -d '\n' | sed -n "s/.*\"$1\":\"\\(\\([^\"\\\\]\\|\\\\.\\)*\\)\".*/\\1/p" | sed 's/\\n/\n/g; s/\\"/"/g; s/\\\\/\\/g'; }

find_server() {
  local state
  if [[ -z ${VOZEX_URL:-} || -z ${VOZEX_KEY:-} ]]; then
    for state in "${VOZEX_STATE:-}" .vozex "$root/.vozex"; do
      [[ -n $state && -r $state/client.json ]] || continue
      url=${VOZEX_URL:-$(field url <"$state/client.json")}
      key=${VOZEX_KEY:-$(field key <"$state/client.json")}
      return
    done
    die "found no server: start ./dev run, or set VOZEX_URL and VOZEX_KEY"
  fi
  url=$VOZEX_URL
  key=$VOZEX_KEY
}

# api METHOD PATH [BODY]: one request to the server; the answer goes to standard output, the talk to standard error.
api() {
  local body=(${3+-H "content-type: application/json" --data "$3"})
  printf '> %s %s%s\n' "$1" "$url" "$2" >&2
  [[ -z ${3:-} ]] || printf '> %s\n' "$3" >&2
  curl -sS --fail-with-body -X "$1" -H "authorization: Bearer $key" "${body[@]}" "$url$2" | tee "$work/answer" ||
    die "the server refused: $(cat "$work/answer" 2>/dev/null)"
  printf '< %.700s\n' "$(tr -d '\n' <"$work/answer")" >&2
}

# until_status PATH STATUS: asks again until the instance has it.
until_status() {
  local path=$1 wanted=$2 status='' end=$((SECONDS + patience))
  while ((SECONDS < end)); do
    status=$(curl -sS -H "authorization: Bearer $key" "$url$path" | field status)
    [[ $status != "$wanted" ]] || return 0
    sleep 0.2
  done
  die "$path should have become $wanted, and is still: ${status:-unknown}"
}

find_server
order=first-$(date +%s)-$$

say "1. A shop asks for a checkout"
answer=$(api POST /v1/checkouts "{\"order_id\": \"$order\", \"gateway\": \"dodo\", \"customer\": {\"email\": \"ann@example.com\", \"name\": \"Ann\"}, \"items\": [{\"product_id\": \"editor\", \"title\": \"Text editor\", \"driver\": \"license_download\", \"price\": {\"minor\": 4900, \"currency\": \"USD\"}, \"config\": {\"seats\": 3, \"features\": [\"spelling\"]}}]}")
checkout=$(field checkout_url <<<"$answer")
[[ $checkout == */checkout/* ]] || die "there is no checkout_url in the answer"
sandbox=${checkout%%/checkout/*}
session=${checkout##*/}

say "2. The buyer pays at $checkout (here by the sandbox's interface for scripts)"
printf '> POST %s/sandbox/checkouts/%s/pay\n' "$sandbox" "$session"
printf '< %s\n' "$(curl -sS --fail-with-body -X POST "$sandbox/sandbox/checkouts/$session/pay")"

say "3. The gateway's signed webhook moves the order on, until everything in it is delivered"
until_status "/v1/instances/order/$order" fulfilled
api GET "/v1/instances/order/$order" >/dev/null

say "4. The item is a lifecycle of its own, which holds the licence"
item=$(api GET "/v1/instances/fulfillment_license_download/$order-1")
download=$(field download_url <<<"$item")
field license_document <<<"$item" >"$work/license.json"
[[ -s $work/license.json ]] || die "there is no licence document"
printf '\n%s\n' "$(cat "$work/license.json")"

say "5. The file, whole, and then a part of it as a broken transfer would ask for"
printf '> GET %s\n' "$download"
curl -sS --fail -D "$work/head" -o "$work/whole" "$download" || die "the download was refused"
printf '< %s' "$(sed -n 1p "$work/head")"
printf ', %s bytes\n' "$(wc -c <"$work/whole" | tr -d ' ')"
printf '> GET %s  Range: bytes=10-\n' "$download"
curl -sS --fail -D "$work/head" -o "$work/rest" -H 'range: bytes=10-' "$download" || die "the range was refused"
printf '< %s' "$(sed -n 1p "$work/head")"
printf ', %s bytes\n' "$(wc -c <"$work/rest" | tr -d ' ')"
grep -q ' 206' "$work/head" || die "a range should be answered with 206"
tail -c +11 "$work/whole" | cmp -s - "$work/rest" || die "the part is not the end of the whole"

say "6. The licence, verified offline with the published key"
printf '> GET %s/.well-known/license-key\n' "$url"
curl -sS --fail "$url/.well-known/license-key" -o "$work/key.json"
printf '< %s\n' "$(cat "$work/key.json")"
verified=no
for vozex in "${VOZEX:-}" "$root/build/release/vozex" "$(command -v vozex || true)"; do
  [[ -n $vozex && -x $vozex ]] || continue
  printf '> vozex license verify license.json --public-key key.json\n'
  "$vozex" license verify "$work/license.json" --public-key "$work/key.json" || die "the licence is not genuine"
  sed 's/"seats": 3/"seats": 300/' "$work/license.json" >"$work/forged.json"
  if "$vozex" license verify "$work/forged.json" --public-key "$work/key.json" 2>"$work/said"; then
    die "a forged licence passed"
  fi
  printf '\nWith 300 seats instead of 3: %s\n' "$(head -n 1 "$work/said")"
  verified=yes
  break
done
[[ $verified == yes ]] || die "found no vozex program to verify with: ./dev build, or set VOZEX to its path"

say "7. Every request that the gateway got for this order, and every webhook it sent"
curl -sS "$sandbox/sandbox/requests?metadata.order_id=$order"
printf '\n'
curl -sS "$sandbox/sandbox/deliveries?metadata.order_id=$order"
printf '\n'

say "Done: order $order is paid and delivered."
