using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels;

/// <summary>
/// What a softcap, perhaps with a temperature, makes of rows of float, as sums of two floats and less the largest of their row: <c>z(x) - z(max) = high + low</c>, with the
/// rounding of high in low. So exponentials of it are as right as those of floats, at the speed of floats.
/// </summary>
internal readonly unsafe struct LogitPairs(LogitTransform transform)
{
    /// <summary>e^-700 is a normal number; 1 - tanh 350 is 1e-304, and nobody's gradient.</summary>
    private const double Saturated = 700;

    private const double Log2E = 1.4426950408889634;

    private const int LaneCount = 8;

    /// <summary>Elements that are bent before they are split: doubles of 4 KB.</summary>
    private const int Stretch = 512;

    /// <summary>z of the maximum of a row.</summary>
    public double Origin(double max) => Bend(max);

    /// <summary>z(x) - z(max).</summary>
    public double Of(double x, double max) => Bend(x) - Bend(max);

    /// <summary>Writes the pairs of a row, the lower numbers <paramref name="apart"/> elements behind the higher ones, and dz/dx unless that is null.</summary>
    public void Write(float* x, nint length, double max, float* high, nint apart, double* slopes)
    {
        if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported && Avx512DQ.IsSupported)
        {
            Write<DoubleVector512>(x, length, max, high, high + apart, slopes);
        }
        else
        {
            Write<DoubleVector256Pair>(x, length, max, high, high + apart, slopes);
        }
    }

    // Lane j holds element i + j. Two loops: the way from an element to both its parts is so long that one loop would have no more than two or three groups of lanes on it at a time.
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Write<TLanes>(float* x, nint length, double max, float* high, float* low, double* slopes)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        double* bent = stackalloc double[Stretch];
        double origin = Origin(max), scale = Scale, cap = Cap, steepest = Steepest;
        nint whole = length - (length % LaneCount);
        for (nint start = 0; start < whole; start += Stretch)
        {
            nint end = nint.Min(whole, start + Stretch);
            double* z = bent - start;
            for (nint i = start; i < end; i += LaneCount)
            {
                TLanes logit = TLanes.Load(x + i), w = Distance(logit, scale);
                (Bent(logit, w, cap) - TLanes.Create(origin)).Store(z + i);
                if (slopes != null)
                {
                    (w * (TLanes.Create(2) - w) * TLanes.Create(steepest)).Store(slopes + i);
                }
            }

            for (nint i = start; i < end; i += LaneCount)
            {
                TLanes sum = TLanes.Load(z + i);
                sum.Store(high + i);
                (sum - TLanes.Load(high + i)).Store(low + i);
            }
        }

        if (whole < length)
        {
            float* rest = stackalloc float[3 * LaneCount];
            double* slopesOfRest = stackalloc double[LaneCount];
            new Span<float>(rest, LaneCount).Clear();
            new ReadOnlySpan<float>(x + whole, (int)(length - whole)).CopyTo(new(rest, LaneCount));
            Write<TLanes>(rest, LaneCount, max, rest + LaneCount, rest + (2 * LaneCount), slopesOfRest);
            for (nint i = whole; i < length; i++)
            {
                (high[i], low[i]) = (rest[LaneCount + i - whole], rest[(2 * LaneCount) + i - whole]);
                if (slopes != null)
                {
                    slopes[i] = slopesOfRest[i - whole];
                }
            }
        }
    }

    /// <summary>x times slope, which is no float: a rounded one would cost another half an ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* x, double* slopes, nint count)
    {
        nint i = 0;
        for (; i <= count - LaneCount; i += LaneCount)
        {
            (Vector256<double> x0, Vector256<double> x1) = Vector256.Widen(Vector256.Load(x + i));
            Vector256.Narrow(x0 * Vector256.Load(slopes + i), x1 * Vector256.Load(slopes + i + (LaneCount / 2))).Store(x + i);
        }

        for (; i < count; i++)
        {
            x[i] = (float)(x[i] * slopes[i]);
        }
    }

    private double Scale => 2 / transform.Softcap;

    private double Cap => transform.Softcap / transform.Temperature;

    private double Steepest => 1 / transform.Temperature;

    private double Bend(double x) => Bent(ScalarLane.Create(x), Distance(ScalarLane.Create(x), Scale), Cap).Value;

    /// <summary>
    /// <c>w = 1 - |tanh| = 2 q / (1 + q)</c> with <c>q = e^(-2 |x| / softcap)</c>, right to 2^-45 of 1; <c>1 - tanh^2</c> is <c>w (2 - w)</c>, in which nothing cancels. q is
    /// <c>2^-k e^-d</c>, |d| at most ln 2 / 2, with a Chebyshev fit by mpmath (<c>chebyfit</c>, its first term 1) that is right to 2^-44.6.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Distance<TLanes>(TLanes x, double scale)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes u = TLanes.Min(TLanes.Create(Saturated), TLanes.Abs(x) * TLanes.Create(scale));   // in this order a NaN stays
        TLanes k = TLanes.FusedMultiplyAdd(u, TLanes.Create(Log2E), TLanes.Create(Lanes.Magic)) - TLanes.Create(Lanes.Magic);
        TLanes d = TLanes.FusedMultiplyAdd(k, TLanes.Create(-Lanes.Ln2), u);
        TLanes power = TLanes.Polynomial(
            d,
            1,
            -1,
            0.49999999999797934,
            -0.16666666666648303,
            0.04166666689095713,
            -0.008333333353717168,
            0.0013888821677603455,
            -0.0001984120875696787,
            2.487616403756168e-05,
            -2.7625102018960324e-06);
        TLanes q = power * TLanes.InversePower(k);
        return (q + q) / (q + TLanes.Create(1));
    }

    /// <summary><c>cap tanh</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Bent<TLanes>(TLanes x, TLanes distance, double cap)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes size = TLanes.FusedMultiplyAdd(-distance, TLanes.Create(cap), TLanes.Create(cap));
        return TLanes.SelectBySign(x, -size, size);
    }
}
