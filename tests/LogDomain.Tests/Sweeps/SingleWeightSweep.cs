using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using LogDomain.Kernels;

namespace LogDomain.Tests.Sweeps;

/// <summary>The weights of the row kernels over every float that has one, in frames of maxima y that are x itself or lie above.</summary>
internal static unsafe class SingleWeightSweep
{
    private struct Lanes
    {
        public fixed float X[16];
        public fixed float Lowest[16];
        public fixed float Frames[16];
        public fixed float Powers[16];
        public fixed float Errors[16];
        public fixed float Weights[16];
        public fixed float Rounded[16];
        public fixed double Max[16];
    }

    /// <summary>
    /// Unrounded weights are right to 0.1 ulp and a little; rounded they may be twice as far off where they cross a power of two, below which ulps are
    /// half as large. <c>Rounded</c> leaves out the error of the table, 0.45.
    /// </summary>
    private static Worst[] Create(string name) => [new($"{name}: power * (1 + s)", 0.11), new($"{name}: rounded", 0.65), new($"{name}: Rounded", 1.06)];

    public static Worst[] Run<TVector>(string name, uint stride, bool above)
        where TVector : unmanaged, IVector<TVector, float> =>
        SingleInputs.Sweep(
            stride, () => Create(name), x => Math.Abs(x) <= Weights<TVector, float>.Far, (x, worst) => Look<TVector>(x, above, worst));

    private static void Look<TVector>(ReadOnlySpan<float> x, bool above, Worst[] worst)
        where TVector : unmanaged, IVector<TVector, float>
    {
        double* exact = stackalloc double[TVector.Count];
        Lanes lanes = default;
        foreach (Worst w in worst)
            w.Count(x.Length);

        for (int start = 0; start < x.Length; start += TVector.Count)
        {
            int count = Math.Min(TVector.Count, x.Length - start);
            for (int i = 0; i < TVector.Count; i++)
            {
                lanes.X[i] = i < count ? x[start + i] : 0;
                lanes.Max[i] = Maximum(lanes.X[i], above, (float)Weights<TVector, float>.Far);
                lanes.Lowest[i] = (float)(lanes.Max[i] - Weights<TVector, float>.Reach);
                lanes.Frames[i] = (float)Weights<TVector, float>.FrameNumber(Weights<TVector, float>.Exponent(lanes.Max[i]));
            }

            Weigh<TVector>(&lanes);
            for (int i = 0; i < TVector.Count; i += 8)
                Exact(lanes.X + i, lanes.Lowest + i, lanes.Max + i, Weights<TVector, float>.Bias, exact + i);

            for (int i = 0; i < count; i++)
            {
                double ulp = SingleUlp.Of(exact[i]), power = lanes.Powers[i];
                See(worst[0], Math.Abs(Math.FusedMultiplyAdd(power, lanes.Errors[i], power - exact[i])) / ulp, lanes.X[i], lanes.Max[i]);
                See(worst[1], Math.Abs(lanes.Weights[i] - exact[i]) / ulp, lanes.X[i], lanes.Max[i]);
                See(worst[2], Math.Abs(lanes.Rounded[i] - exact[i]) / ulp, lanes.X[i], lanes.Max[i]);
            }
        }
    }

    /// <summary>Not inlined, nor is <see cref="Exact"/>: together they would be more than the compiler inlines the operators of.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Weigh<TVector>(Lanes* lanes)
        where TVector : unmanaged, IVector<TVector, float>
    {
        TVector x = TVector.Load(lanes->X), lowest = TVector.Load(lanes->Lowest), frame = TVector.Load(lanes->Frames);
        TVector power = Weights<TVector, float>.Of(Weights<TVector, float>.Natural, x, lowest, frame, out TVector s);
        power.Store(lanes->Powers);
        s.Store(lanes->Errors);
        TVector.FusedMultiplyAdd(power, s, power).Store(lanes->Weights);
        Weights<TVector, float>.Rounded(x, lowest, frame).Store(lanes->Rounded);
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
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Exact(float* x, float* lowest, double* maxima, double bias, double* exact)
    {
        Vector256<float> clamped = Vector256.Max(Vector256.Load(x), Vector256.Load(lowest));
        (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(clamped);
        Vector512<double> power = ReferenceExp.Compute(Vector512.Create(lower, upper), out Vector512<double> k);
        Vector512<double> shift = k - ReferenceExp.Rounded(Vector512.Load(maxima) * Vector512.Create(1.4426950408889634));
        (power * ReferenceExp.PowerOfTwo(shift + Vector512.Create(bias))).Store(exact);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void See(Worst worst, double ulps, float x, double max)
    {
        if (worst.IsLarger(ulps))
            worst.Set(ulps, x, max);
    }
}
