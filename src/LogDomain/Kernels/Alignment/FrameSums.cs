using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Alignment;

/// <summary>The log-sum-exp and the softmax of one long frame of floats.</summary>
/// <remarks>
/// As in <see cref="Weights{TVector, T}"/>, e^x is <c>2^k e^r</c> and the maximum is taken away from k alone, which rounds nothing. e^r = 1 + s is a polynomial in r instead of one in a sixteenth of it beside a table: half the work where a table is
/// read in halves. It is right to 2^-26, and the rounding of 1 + s is summed apart, so that the sum, in double, is right to 2^-26 and mostly to some 2^-29. A weight of the softmax is rounded twice more.
/// </remarks>
internal static unsafe class FrameSums<TSingle, TDouble>
    where TSingle : unmanaged, ISingleLanes<TSingle>
    where TDouble : unmanaged, ILanes<TDouble>
{
    private const int Lanes = 16, Tile = 256;

    /// <summary>Logits beyond are left to the row kernels: k times the high part of ln 2 would not be exact.</summary>
    private const float Far = 1 << 14;

    /// <summary>What lies this far below the maximum weighs nothing: e^-86 = 2^-124, which no sum shows and is still a normal number.</summary>
    private const float Reach = 86;

    // ln 2 rounded to float, and the rest; 1.5 * 2^23.
    private const double Log2E = 1.4426950408889634, Ln2High = 0.693147182464599609375, Ln2Low = 0.6931471805599453 - Ln2High, Magic = 12582912;

    /// <summary>log(sum e^x), and scale times the softmax if it is wanted. False, with nothing of use written, where the largest is not in range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryRun(float* x, float* softmax, int length, double scale, out double logSumExp)
    {
        // The last elements in a vector, the roundings of weights, and the sums.
        float* padded = stackalloc float[Tile + (2 * Lanes)], low = padded + Lanes, tile = low + Lanes;
        double* sums = stackalloc double[8];
        float largest = Largest(x, length, padded);
        logSumExp = double.NaN;
        if (!(Math.Abs(largest) <= Far))
        {
            return false;
        }

        float top = (float)Math.Round(largest * Log2E), floor = largest - Reach;
        new Span<float>(low, Lanes).Clear();
        new Span<double>(sums, 8).Clear();
        for (int first = 0; first < length; first += Tile)
        {
            int count = Math.Min(Tile, length - first), whole = count / Lanes * Lanes;
            float* to = softmax == null ? tile : softmax + first;
            Weigh(x + first, to, whole, floor, top, low);
            Add(to, whole, sums);
            if (whole < count)
            {
                new Span<float>(padded, Lanes).Fill(float.NegativeInfinity);
                new Span<float>(x + first + whole, count - whole).CopyTo(new(padded, Lanes));
                Weigh(padded, padded, Lanes, floor, top, low);
                Add(padded, Lanes, sums);
                new Span<float>(padded, count - whole).CopyTo(new(to + whole, count - whole));
            }
        }

        Add(low, Lanes, sums);
        double total = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
        logSumExp = double.IsNaN(total) ? total : Scalar.Log(total) + (top * 0.6931471805599453);
        if (softmax != null)
        {
            Multiply(softmax, length, scale / total);
        }

        return true;
    }

    // These loops are methods, so that their numbers stay in registers.

    /// <summary>The weights of whole vectors; <paramref name="low"/> gets what their rounding lost.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Weigh(float* x, float* to, int length, float floor, float top, float* low)
    {
        TSingle least = TSingle.Create(floor), exponent = TSingle.Create(top), lost = TSingle.Load(low), nothing = Weight(least, exponent, ref lost);
        lost = TSingle.Load(low);
        for (int i = 0; i < length; i += Lanes)
        {
            (Weight(TSingle.Max(least, TSingle.Load(x + i)), exponent, ref lost) - nothing).Store(to + i);
        }

        lost.Store(low);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Add(float* values, int length, double* sums)
    {
        TDouble even = TDouble.Load(sums), odd = TDouble.Create(0);
        for (int i = 0; i < length; i += Lanes)
        {
            even += TDouble.Load(values + i);
            odd += TDouble.Load(values + i + 8);
        }

        (even + odd).Store(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Largest(float* x, int length, float* lanes)
    {
        TSingle largest = TSingle.Create(double.NegativeInfinity);
        int i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            // NaN is left out here, and found by its weight.
            largest = TSingle.Max(TSingle.Load(x + i), largest);
        }

        largest.Store(lanes);
        float value = float.NegativeInfinity;
        for (int lane = 0; lane < Lanes; lane++)
        {
            value = lanes[lane] > value ? lanes[lane] : value;
        }

        for (; i < length; i++)
        {
            value = x[i] > value ? x[i] : value;
        }

        return value;
    }

    /// <summary>e^x / 2^exponent; what its rounding lost is added up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TSingle Weight(TSingle x, TSingle exponent, ref TSingle lost)
    {
        TSingle k = TSingle.FusedMultiplyAdd(x, TSingle.Create(Log2E), TSingle.Create(Magic)) - TSingle.Create(Magic);
        TSingle r = TSingle.FusedMultiplyAdd(k, TSingle.Create(-Ln2High), x);   // exact: a multiple of 2^-24 below 0.35, or x itself
        r = TSingle.FusedMultiplyAdd(k, TSingle.Create(-Ln2Low), r);
        TSingle square = r * r;
        TSingle low = TSingle.FusedMultiplyAdd(r, TSingle.Create(1.0 / 6), TSingle.Create(1.0 / 2));
        TSingle middle = TSingle.FusedMultiplyAdd(r, TSingle.Create(1.0 / 120), TSingle.Create(1.0 / 24));
        TSingle high = TSingle.FusedMultiplyAdd(r, TSingle.Create(1.0 / 5040), TSingle.Create(1.0 / 720));   // the next term is 0.35^8 / 40320 = 6e-9
        TSingle p = TSingle.FusedMultiplyAdd(TSingle.FusedMultiplyAdd(high, square, middle), square, low);
        TSingle s = TSingle.FusedMultiplyAdd(square, p, r), power = TSingle.InversePower(exponent - k);
        TSingle weight = TSingle.FusedMultiplyAdd(power, s, power);
        lost += TSingle.FusedMultiplyAdd(power, s, power - weight);
        return weight;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(float* y, int length, double by)
    {
        TSingle factor = TSingle.Create(by);
        int i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            (TSingle.Load(y + i) * factor).Store(y + i);
        }

        for (; i < length; i++)
        {
            y[i] *= (float)by;
        }
    }
}
