#!/usr/bin/env bash
# Installs the Debian packages that some tests need. If it cannot, it says how to, and those tests are skipped: it never fails.
# Takes milliseconds if there is nothing to install. With COMMONHOLD_INSTALL=no it installs nothing.
set -uo pipefail

# A file that the package brings, the package, and the tests that need it.
NEEDED=(
  '/usr/bin/chromium chromium the console in a browser'
  '/usr/include/google/protobuf/any.proto libprotobuf-dev the client in Python'
  '/usr/bin/protoc protobuf-compiler the client in Python'
  '/usr/lib/python3/dist-packages/google/protobuf/__init__.py python3-protobuf the client in Python'
  '/usr/lib/python3/dist-packages/grpc/__init__.py python3-grpcio the client in Python'
)

APT=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::http::Timeout=10 -o Acquire::Retries=1 -o DPkg::Lock::Timeout=120)
[ "$(id -u)" -eq 0 ] || APT=(sudo -n "${APT[@]}")
UPDATE_SECONDS=60
DOWNLOAD_SECONDS=300

main() {
  local packages=() uses=() file package use
  for line in "${NEEDED[@]}"; do
    read -r file package use <<<"$line"
    [ -e "$file" ] || { packages+=("$package"); uses+=("$package: $use"); }
  done
  if [ ${#packages[@]} -eq 0 ] || ! command -v apt-get >/dev/null; then return; fi

  if may_install; then
    echo "Installing for the tests: ${packages[*]}"
    if install_packages "${packages[@]}" 2>&1 | tail -n 5; then return; fi
  fi
  echo 'Tests that need these Debian packages are skipped:'
  printf '  %s\n' "${uses[@]}"
  echo "To install them: sudo apt-get install --no-install-recommends ${packages[*]}"
}

may_install() {
  [ "${COMMONHOLD_INSTALL:-}" != no ] && "${APT[@]}" --version >/dev/null 2>&1
}

# Downloads first, which without a network ends in time; the installation itself is never cut off.
install_packages() {
  # Most machines have current lists of packages.
  download "$@" || { timeout "$UPDATE_SECONDS" "${APT[@]}" update && download "$@"; } || return
  "${APT[@]}" install -y --no-install-recommends "$@"
}

download() {
  timeout "$DOWNLOAD_SECONDS" "${APT[@]}" install -y --no-install-recommends --download-only "$@"
}

main
exit 0
