#!/bin/sh
# Makes TorchSharp's native library in the folder OUT load on Debian 12; see ../../README.md.
# usage: prepare.sh OUT
set -e
here=$(dirname "$0")
python3 "$here/weaken_version.py" "$1/libLibTorchSharp.so"
g++ -shared -fPIC -O2 -o "$1/libiostream_init.so" "$here/iostream_init.cpp"
