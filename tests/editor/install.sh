#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# install.sh FOLDER: the packages of package-lock.json, in FOLDER (of the build tree, never here).
# Does nothing while the lock file is the one that was installed there. A network that stutters is
# tried again; a package that doesn't come is a failure.
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
folder=$1
readonly here folder attempts=3

if cmp -s "$here/package-lock.json" "$folder/installed.json"; then
  echo "the packages of $folder are up to date"
  exit 0
fi
mkdir -p "$folder"
rm -f "$folder/installed.json"
cp "$here/package.json" "$here/package-lock.json" "$folder/"
for ((attempt = 1; ; ++attempt)); do
  if (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund); then break; fi
  if ((attempt == attempts)); then
    echo "install.sh: npm can't get the packages of tests/editor/package-lock.json, see above" >&2
    exit 1
  fi
  sleep $((attempt * 5))
done
cp "$here/package-lock.json" "$folder/installed.json"
