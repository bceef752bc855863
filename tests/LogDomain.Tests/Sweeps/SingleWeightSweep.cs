using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using LogDomain.Kernels;

namespace LogDomain.Tests.Sweeps;

/// <summary>The weights of the row kernels over every float that has one, in frames of maxima that lie above.</summary>
internal static unsafe class SingleWeightSweep
{
    private const int Lanes = 8;

    /// <summary>
    /// Unrounded weights are right to 0.1 ulp and a little; rounded they may be twice as far off where they cross a power of two, below which ulps are
    /// half as large. <c>Rounded</c> leaves out the error of the table, 0.27.
    /// </summary>
    private static Worst[] Create(string name) => [new($"{name}: power * (1 + s)", 0.11), new($"{name}: rounded", 0.65), new($"{name}: Rounded", 0.9)];

    public static Worst[] Run<TVector>(string name, uint stride, bool above)
        where TVector : unmanaged, IVector<TVector, float> =>
        SingleInputs.Sweep(
            stride, () => Create(name), x => Math.Abs(x) <= Weights<TVector, float>.Far, (x, worst) => Look<TVector>(x, above, worst));

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Look<TVector>(ReadOnlySpan<float> x, bool above, Worst[] worst)
        where TVector : unmanaged, IVector<TVector, float>
    {
        float* inputs = stackalloc float[TVector.Count], lowest = stackalloc float[TVector.Count], frames = stackalloc float[TVector.Count];
        float* powers = stackalloc float[TVector.Count], errors = stackalloc float[TVector.Count], rounded = stackalloc float[TVector.Count];
        float* plain = stackalloc float[TVector.Count];
        double* exact = stackalloc double[TVector.Count];
        double* maxima = stackalloc double[TVector.Count];
        foreach (Worst w in worst)
            w.Count(x.Length);

        for (int start = 0; start < x.Length; start += TVector.Count)
        {
            int count = Math.Min(TVector.Count, x.Length - start);
            for (int i = 0; i < TVector.Count; i++)
            {
                inputs[i] = i < count ? x[start + i] : 0;
                maxima[i] = Maximum(inputs[i], above, (float)Weights<TVector, float>.Far);
                lowest[i] = (float)(maxima[i] - Weights<TVector, float>.Reach);
                frames[i] = (float)Weights<TVector, float>.FrameNumber(Weights<TVector, float>.Exponent(maxima[i]));
            }

            TVector power = Weights<TVector, float>.Of(TVector.Load(inputs), TVector.Load(lowest), TVector.Load(frames), out TVector s);
            power.Store(powers);
            s.Store(errors);
            TVector.FusedMultiplyAdd(power, s, power).Store(rounded);
            Weights<TVector, float>.Rounded(TVector.Load(inputs), TVector.Load(lowest), TVector.Load(frames)).Store(plain);
            for (int i = 0; i < TVector.Count; i += Lanes)
                Exact<TVector>(inputs + i, lowest + i, maxima + i, exact + i);

            for (int i = 0; i < count; i++)
            {
                double ulp = SingleUlp.Of(exact[i]);
                See(worst[0], Math.Abs(Math.FusedMultiplyAdd(powers[i], errors[i], powers[i] - exact[i])) / ulp, inputs[i], maxima[i]);
                See(worst[1], Math.Abs(rounded[i] - exact[i]) / ulp, inputs[i], maxima[i]);
                See(worst[2], Math.Abs(plain[i] - exact[i]) / ulp, inputs[i], maxima[i]);
            }
        }
    }

    /// <summary>x itself, or a number up to 105 above it that its bits choose.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Maximum(float x, bool above, float far)
    {
        if (!above)
            return x;

        uint hash = BitConverter.SingleToUInt32Bits(x) * 2654435761u;
        return Math.Min(far, (float)(x + (105 * (hash * (1.0 / uint.MaxValue)))));
    }

    /// <summary>e^x * 2^(Bias - k), k being that of the maximum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Exact<TVector>(float* x, float* lowest, double* maxima, double* exact)
        where TVector : unmanaged, IVector<TVector, float>
    {
        Vector256<float> clamped = Vector256.Max(Vector256.Load(x), Vector256.Load(lowest));
        (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(clamped);
        Vector512<double> power = ReferenceExp.Compute(Vector512.Create(lower, upper), out Vector512<double> k);
        Vector512<double> shift = k - Vector512.Round(Vector512.Load(maxima) * Vector512.Create(1.4426950408889634));
        Vector512<long> exponent = Vector512.ConvertToInt64(shift + Vector512.Create(Weights<TVector, float>.Bias + 1023.0));
        (power * Vector512.ShiftLeft(exponent, 52).AsDouble()).Store(exact);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void See(Worst worst, double ulps, float x, double max)
    {
        if (worst.IsLarger(ulps))
            worst.Set(ulps, $"x = {x:R}, max = {max:R}");
    }
}
