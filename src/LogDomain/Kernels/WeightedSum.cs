using System.Numerics;
using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>The sum of <c>w e^x</c> over a row, for weights of any sign, block by block from left to right.</summary>
/// <remarks>
/// <para>
/// A block has the frame of its largest x among the terms whose weight is not zero, shifted by the exponent of its largest weight, so that no product
/// exceeds 2^Bias. A first pass writes its terms to scratch with -infinity where the weight is zero, since such a term counts for nothing even if it is
/// NaN; the scratch ends with terms of weight zero, so that the second pass has whole vectors alone.
/// </para>
/// <para>
/// Scalar equivalent of a lane of the second pass: <c>sum += w * e^x</c>, the sum anchored as in <see cref="RowKernel{TVector, T}"/>, at three times its
/// anchor because the terms have either sign.
/// </para>
/// </remarks>
internal static unsafe class WeightedSum<TVector, T>
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>
    /// The exponents of weights that a frame can take in, up and down: the weight of what lies at <see cref="Weights{TVector, T}.Reach"/> is 2^-88 in float
    /// and 2^-570 in double, and must stay a normal number; the largest is 2^64.5 and 2^512.5, and 2^7 of them must stay finite.
    /// </summary>
    private static int ExponentRange => typeof(T) == typeof(float) ? 32 : 400;

    /// <summary>2^(Bias + 8), above the sum of the absolute terms of one lane of a block.</summary>
    private static double Anchor => typeof(T) == typeof(float) ? 4.722366482869645E+21 : 3.432398830065305E+156;

    /// <summary>The sum; unknown where it has no frame, or has lost more than a kernel can tell.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static WeightedTotal Of(T* x, T* weights, nint length)
    {
        int blockLength = RowKernel<TVector, T>.BlockLength;
        T* terms = stackalloc T[blockLength], factors = stackalloc T[blockLength];
        WeightedTotal total = WeightedTotal.Empty;
        for (nint start = 0; start < length; start += blockLength)
        {
            int count = (int)nint.Min(blockLength, length - start);
            T* blockWeights = weights + start;
            if (count % TVector.Count != 0)
            {
                int whole = (count + TVector.Count - 1) / TVector.Count * TVector.Count;
                new Span<T>(factors + count, whole - count).Clear();
                new ReadOnlySpan<T>(blockWeights, count).CopyTo(new(factors, count));
                new Span<T>(terms + count, whole - count).Fill(T.NegativeInfinity);
                blockWeights = factors;
            }

            total = WeightedTotal.Join(total, OfBlock(x + start, blockWeights, count, terms));
        }

        // Where the sum is this far below its unit, terms below the reach of their frame might show.
        return Math.Abs(total.Sum) >= 1e-6 ? total : total.Absolute == 0 ? total : WeightedTotal.Unknown;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static WeightedTotal OfBlock(T* x, T* weights, int count, T* terms)
    {
        (double max, double maxWeight) = Prepare(x, weights, count, terms);
        if (maxWeight == 0)
        {
            return WeightedTotal.Empty;
        }

        int weightExponent = double.IsFinite(maxWeight) ? Math.ILogB(maxWeight) + 1 : int.MaxValue;
        if (Math.Abs((long)weightExponent) > ExponentRange || !(Math.Abs(max) <= Weights<TVector, T>.Far))
        {
            return WeightedTotal.Unknown;
        }

        double exponent = Weights<TVector, T>.Exponent(max) + weightExponent;
        TVector frame = TVector.Broadcast(Weights<TVector, T>.FrameNumber(exponent));
        TVector lowest = TVector.Broadcast(max - Weights<TVector, T>.Reach);
        T* constants = Weights<TVector, T>.Natural;
        TVector zero = TVector.Create(0), anchor = TVector.Create(3 * Anchor), sum = anchor, rest = zero, absolute = zero;
        for (int i = 0; i < count; i += TVector.Count)
        {
            TVector power = Weights<TVector, T>.Of(constants, TVector.Load(terms + i), lowest, frame, out TVector s);
            TVector exponential = TVector.FusedMultiplyAdd(power, s, power);
            TVector lost = TVector.FusedMultiplyAdd(power, s, power - exponential);
            TVector weight = TVector.Load(weights + i);
            TVector product = weight * exponential, negative = zero - product;
            lost = TVector.FusedMultiplyAdd(weight, lost, TVector.FusedMultiplyAdd(weight, exponential, negative));
            TVector next = sum + product;
            TVector taken = next - sum;
            rest += (product - taken) + lost;
            absolute += TVector.Max(product, negative);
            sum = next;
        }

        (double high, double low) = TVector.Total(sum - anchor, rest);
        return new(high, low, TVector.Total(absolute, zero).High, exponent - Weights<TVector, T>.Bias);
    }

    /// <summary>Writes the terms; returns the largest and the largest absolute weight. NaN among them leaves the sum NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double Max, double MaxWeight) Prepare(T* x, T* weights, int count, T* terms)
    {
        // Choosing and comparing round nothing, so vectors of any width give the same bits.
        Vector<T> none = Vector.Create(T.NegativeInfinity), max = none, maxWeight = Vector<T>.Zero;
        int i = 0;
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
        {
            Vector<T> weight = Vector.Load(weights + i);
            Vector<T> term = Vector.ConditionalSelect(Vector.Equals(weight, Vector<T>.Zero), none, Vector.Load(x + i));
            term.Store(terms + i);
            max = Vector.MaxNative(max, term);
            maxWeight = Vector.Max(maxWeight, Vector.Abs(weight));
        }

        double largest = double.NegativeInfinity, largestWeight = 0;
        for (int lane = 0; lane < Vector<T>.Count; lane++)
        {
            largest = Math.Max(largest, double.CreateTruncating(max[lane]));
            largestWeight = Math.Max(largestWeight, double.CreateTruncating(maxWeight[lane]));
        }

        for (; i < count; i++)
        {
            terms[i] = weights[i] == T.Zero ? T.NegativeInfinity : x[i];
            largest = Math.Max(largest, double.CreateTruncating(terms[i]));
            largestWeight = Math.Max(largestWeight, double.CreateTruncating(T.Abs(weights[i])));
        }

        return (largest, largestWeight);
    }
}
