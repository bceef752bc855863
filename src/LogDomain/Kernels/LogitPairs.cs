using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>
/// What a softcap, perhaps with a temperature, makes of rows of float, as sums of two floats and less the largest of their row: <c>z(x) - z(max) = high + low</c>, with the
/// rounding of high in low. So exponentials of it are as right as those of floats, at the speed of floats.
/// </summary>
/// <typeparam name="TVector">A vector of float.</typeparam>
internal readonly unsafe struct LogitPairs<TVector>(LogitTransform transform)
    where TVector : unmanaged, IVector<TVector, float>
{
    /// <summary>e^700 is finite; 1 - tanh 350 is 1e-304, and nobody's gradient.</summary>
    private const double Saturated = 700;

    /// <summary>1.5 * 2^52: adding it rounds to an integer, which is then in the low bits.</summary>
    private const double Magic = 6755399441055744;

    /// <summary>z of the maximum of a row.</summary>
    public double Origin(double max) => Bend(max);

    /// <summary>z(x) - z(max).</summary>
    public double Of(double x, double max) => Bend(x) - Bend(max);

    /// <summary>Writes the pairs of a row, the lower numbers <paramref name="apart"/> elements behind the higher ones, and dz/dx unless that is null.</summary>
    /// <remarks>In double, a stretch at a time and in steps: all at once need more registers than there are.</remarks>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(float* x, nint length, double max, float* high, nint apart, double* slopes)
    {
        double* z = stackalloc double[Stretch + Lanes], slope = stackalloc double[Stretch + Lanes];
        Vector256<double> origin = Vector256.Create(Origin(max)), scale = Vector256.Create(Scale), cap = Vector256.Create(Cap), steepest = Vector256.Create(Steepest);
        for (nint start = 0; start < length; start += Stretch)
        {
            nint count = nint.Min(Stretch, length - start);
            Widening.ToDouble(x + start, count, z);
            Vector256<double>.Zero.Store(z + count);
            for (nint i = 0; i < count; i += Lanes)
            {
                Vector256<double> bent = Bend(Vector256.Load(z + i), scale, cap, steepest, out Vector256<double> slopeHere);
                (bent - origin).Store(z + i);
                slopeHere.Store(slope + i);
            }

            Split(z, count, high + start, high + apart + start);
            if (slopes != null)
            {
                new ReadOnlySpan<double>(slope, (int)count).CopyTo(new(slopes + start, (int)count));
            }
        }
    }

    /// <summary>x times slope, which is no float: a rounded one would cost another half an ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* x, double* slopes, nint count)
    {
        nint i = 0;
        for (; i <= count - (2 * Lanes); i += 2 * Lanes)
        {
            (Vector256<double> x0, Vector256<double> x1) = Vector256.Widen(Vector256.Load(x + i));
            Vector256.Narrow(x0 * Vector256.Load(slopes + i), x1 * Vector256.Load(slopes + i + Lanes)).Store(x + i);
        }

        for (; i < count; i++)
        {
            x[i] = (float)(x[i] * slopes[i]);
        }
    }

    /// <summary>Each double as the sum of two floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Split(double* z, nint count, float* high, float* low)
    {
        nint i = 0;
        for (; i <= count - (2 * Lanes); i += 2 * Lanes)
        {
            Vector256<double> z0 = Vector256.Load(z + i), z1 = Vector256.Load(z + i + Lanes);
            Vector256<float> rounded = Vector256.Narrow(z0, z1);
            (Vector256<double> back0, Vector256<double> back1) = Vector256.Widen(rounded);
            rounded.Store(high + i);
            Vector256.Narrow(z0 - back0, z1 - back1).Store(low + i);
        }

        for (; i < count; i++)
        {
            high[i] = (float)z[i];
            low[i] = (float)(z[i] - high[i]);
        }
    }

    /// <summary>Elements that are bent together: two arrays of 4 KB.</summary>
    private const int Stretch = 512;

    /// <summary>Doubles of a vector.</summary>
    private const int Lanes = 4;

    private double Scale => 2 / transform.Softcap;

    private double Cap => transform.Softcap / transform.Temperature;

    private double Steepest => 1 / transform.Temperature;

    // A call: in the loop's method the two would share their constants, and there are no registers to keep them in.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private double Bend(double x) =>
        Bend(Vector256.Create(x), Vector256.Create(Scale), Vector256.Create(Cap), Vector256.Create(Steepest), out _).ToScalar();

    /// <summary>
    /// With <c>w = 2 / (e^(2 |x| / softcap) + 1)</c>, <c>|tanh| = 1 - w</c>, right to 2^-48 of 1, and <c>1 - tanh^2 = w (2 - w)</c>, in which nothing cancels.
    /// The exponential is <c>2^k e^r</c>, |r| at most ln2 / 2, by Taylor to r^11: what is left out is 7e-15 of it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Bend(
        Vector256<double> x, Vector256<double> scale, Vector256<double> cap, Vector256<double> steepest, out Vector256<double> slope)
    {
        Vector256<double> one = Vector256.Create(1.0), two = Vector256.Create(2.0), saturated = Vector256.Create(Saturated), magic = Vector256.Create(Magic + 1023);

        // In this order a NaN stays.
        Vector256<double> u = Vector256.Abs(x) * scale;
        u = Vector256.ConditionalSelect(Vector256.GreaterThan(u, saturated), saturated, u);
        Vector256<double> shifted = Vector256.FusedMultiplyAdd(u, Vector256.Create(1.4426950408889634), magic);
        Vector256<double> r = Vector256.FusedMultiplyAdd(shifted - magic, Vector256.Create(-0.6931471805599453), u);
        Vector256<double> exp = Vector256.FusedMultiplyAdd(r, Vector256.Create(1.0 / 39916800), Vector256.Create(1.0 / 3628800));
        exp = Vector256.FusedMultiplyAdd(exp, r, Vector256.Create(1.0 / 362880));
        exp = Vector256.FusedMultiplyAdd(exp, r, Vector256.Create(1.0 / 40320));
        exp = Vector256.FusedMultiplyAdd(exp, r, Vector256.Create(1.0 / 5040));
        exp = Vector256.FusedMultiplyAdd(exp, r, Vector256.Create(1.0 / 720));
        exp = Vector256.FusedMultiplyAdd(exp, r, Vector256.Create(1.0 / 120));
        exp = Vector256.FusedMultiplyAdd(exp, r, Vector256.Create(1.0 / 24));
        exp = Vector256.FusedMultiplyAdd(exp, r, Vector256.Create(1.0 / 6));
        exp = Vector256.FusedMultiplyAdd(exp, r, Vector256.Create(0.5));
        exp = Vector256.FusedMultiplyAdd(exp, r, one);
        exp = Vector256.FusedMultiplyAdd(exp, r, one);
        Vector256<double> power = Vector256.ShiftLeft(shifted.AsInt64(), 52).AsDouble();
        Vector256<double> w = two / Vector256.FusedMultiplyAdd(exp, power, one);
        slope = w * (two - w) * steepest;
        return Vector256.CopySign((one - w) * cap, x);
    }
}
