#!/bin/sh
# Measures everything that docs/benchmarks.md shows and writes FOLDER/*.md; see ../README.md.
# usage: measure.sh OUT FOLDER [options for each run, such as --rounds 9]
set -e
out=$1 folder=$2
shift 2
mkdir -p "$folder"

# Debian 12
if [ -e "$out/libiostream_init.so" ]; then
    export LD_PRELOAD="$(realpath "$out")/libiostream_init.so"
fi

peers() {
    name=$1
    shift
    dotnet "$out/LogDomain.Peers.dll" "$@" --markdown "$folder/$name.md"
}

peers 1-float --types float --threads 1,2 "$@"
peers 2-double --types double --threads 1 "$@"
peers 3-16-bit --types half,bfloat16 --threads 1 "$@"
peers 4-masks --masks --types float --threads 1 --shapes 1x131072,4096x1024,65536x64 "$@"
export DOTNET_EnableAVX512=0 ATEN_CPU_CAPABILITY=avx2 MKL_ENABLE_INSTRUCTIONS=AVX2 ONEDNN_MAX_CPU_ISA=AVX2
peers 5-float-avx2 --types float --threads 1 "$@"
