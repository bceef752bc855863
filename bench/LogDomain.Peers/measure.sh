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

# PyTorch allocates temporaries and gradients anew each time. By default glibc gives large ones back to the system at once, and what is measured
# is page faults. Here freed memory stays with the process.
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_TOP_PAD_=67108864 MALLOC_ARENA_MAX=1

peers() {
    name=$1
    shift
    dotnet "$out/LogDomain.Peers.dll" "$@" --markdown "$folder/$name.md"
}

peers 1-float --types float --threads 1 "$@"
peers 2-float-2-threads --types float --threads 2 "$@"
peers 3-masks --masks --types float --threads 1 --shapes 1x131072,4096x1024,65536x64 "$@"
peers 4-double --types double --threads 1 "$@"
peers 5-16-bit --types half,bfloat16 --threads 1 "$@"
peers 7-reductions --reductions "$@"
peers 8-functions --functions --sample 25 "$@"
peers 9-losses --losses --threads 1,2 "$@"
peers 10-mixtures --mixtures --threads 1,2 "$@"
peers 12-linear --linear --threads 1,2 "$@"
peers 13-attention --attention --threads 1,2 "$@"
peers 14-sequences --sequences "$@"
peers 11-accuracy --accuracy --types float,double,half,bfloat16 "$@"
export DOTNET_EnableAVX512=0 ATEN_CPU_CAPABILITY=avx2 MKL_ENABLE_INSTRUCTIONS=AVX2 ONEDNN_MAX_CPU_ISA=AVX2
peers 6-float-avx2 --types float --threads 1 "$@"
