using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>Eight 64-bit integers that add up the bits of eight doubles, modulo 2^64.</summary>
internal interface IBinnedLanes<TSelf, TVector>
    where TSelf : unmanaged, IBinnedLanes<TSelf, TVector>
{
    /// <summary>Lane i plus the bits of lane i.</summary>
    TSelf Plus(TVector bits);

    /// <summary>The sum of the lanes; integers have no order.</summary>
    long Total();
}

/// <summary>In one register of 512 bits.</summary>
internal readonly struct BinnedLanes512(Vector512<long> value) : IBinnedLanes<BinnedLanes512, DoubleVector512>
{
    private readonly Vector512<long> _value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public BinnedLanes512 Plus(DoubleVector512 bits) => new(_value + bits.FirstEight().AsInt64());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Total() => Vector512.Sum(_value);
}

/// <summary>In two registers of 256 bits.</summary>
internal readonly struct BinnedLanes256Pair(Vector256<long> lower, Vector256<long> upper) : IBinnedLanes<BinnedLanes256Pair, DoubleVector256Pair>
{
    private readonly Vector256<long> _lower = lower;
    private readonly Vector256<long> _upper = upper;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public BinnedLanes256Pair Plus(DoubleVector256Pair bits)
    {
        Vector512<double> eight = bits.FirstEight();
        return new(_lower + eight.GetLower().AsInt64(), _upper + eight.GetUpper().AsInt64());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Total() => Vector256.Sum(_lower + _upper);
}
