using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Binary;

/// <content>
/// Cross-entropies of floats, or of 16-bit types widened to float. All is double, and rounded once, where it is stored. With <c>e = e^-|x|</c> a loss is <c>a |x| + (p + n) log(1 + e)</c>, a being
/// p where x is negative, n elsewhere.
/// </content>
internal static unsafe partial class BinaryLosses<TLoss, T>
{
    /// <summary>
    /// Weights of a class beyond which <see cref="SingleLogitParts{TLanes}.Infinite"/> would not be infinite as float; and e^-700, which is e of all larger |x|, would not be 0 times a weight of the element, up
    /// to 2^128.
    /// </summary>
    private const double LeastWeight = 1e-100, LargestWeight = 1e200;

    /// <summary>A larger exponent of <see cref="FocalLoss"/> would multiply what a logarithm lost to more than a thousandth of an ulp of a float.</summary>
    private const double LargestGamma = 5;

    private static bool HasSingles(in BinaryBatch<T> batch)
    {
        if (typeof(T) == typeof(double) || batch.Parameters.Gamma > LargestGamma || (batch.Parameters.Negative != 0 && batch.Parameters.Negative < LeastWeight))
        {
            return false;
        }

        foreach (double weight in new ReadOnlySpan<double>(batch.Positives, (int)batch.PositiveCount))
        {
            if (weight != 0 && weight is < LeastWeight or > LargestWeight)
            {
                return false;
            }
        }

        return true;
    }

    private static void RunSingles<TLanes>(in BinaryBatch<T> batch, nint first, nint count, double* sums)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        float* logits = stackalloc float[BlockLength], targets = stackalloc float[BlockLength], weights = stackalloc float[BlockLength];
        float* derivatives = stackalloc float[BlockLength], scratch = stackalloc float[BlockLength], losses = batch.Losses == null ? null : scratch;
        bool isUnweighted = TLoss.IsCrossEntropy && batch.PositiveCount == 1 && batch.Positives[0] == 1 && batch.Weights == null && batch.Losses == null;
        using Scratch<double> positiveOfPlace = PositivesOfPlaces(batch);
        fixed (double* table = positiveOfPlace.Span)
        {
            for (nint block = first; block < first + count; block++)
            {
                nint start = block * BlockLength, length = nint.Min(BlockLength, batch.Count - start);
                float* x = ReadSingles(batch.Logits + start, length, logits, float.PositiveInfinity), t = ReadSingles(batch.Targets + start, length, targets, 1);
                double* positives = table + (start % batch.PositiveCount);
                double sum;
                if (isUnweighted)
                {
                    sum = batch.Gradient == null
                        ? Unweighted<TLanes, Unwanted>(x, t, length, 1, derivatives)
                        : Unweighted<TLanes, Wanted>(x, t, length, batch.Divisor, derivatives);
                }
                else if (batch.Weights == null)
                {
                    sum = batch.Gradient == null
                        ? Weighted<TLanes, Unwanted, Unwanted>(x, t, positives, weights, batch.Parameters, length, 1, losses, derivatives)
                        : Weighted<TLanes, Wanted, Unwanted>(x, t, positives, weights, batch.Parameters, length, batch.Divisor, losses, derivatives);
                }
                else
                {
                    float* w = ReadSingles(batch.Weights + start, length, weights, 0);
                    sum = batch.Gradient == null
                        ? Weighted<TLanes, Unwanted, Wanted>(x, t, positives, w, batch.Parameters, length, 1, losses, derivatives)
                        : Weighted<TLanes, Wanted, Wanted>(x, t, positives, w, batch.Parameters, length, batch.Divisor, losses, derivatives);
                }

                (sums[2 * block], sums[(2 * block) + 1]) = (sum, 0);
                if (batch.Losses != null)
                {
                    Write(losses, batch.Losses + start, length);
                }

                if (batch.Gradient != null)
                {
                    Write(derivatives, batch.Gradient + start, length);
                }
            }
        }
    }

    /// <summary>The elements of a block: where they are, or in scratch memory with elements beside them that cost nothing.</summary>
    private static float* ReadSingles(T* source, nint length, float* scratch, float beside)
    {
        if (typeof(T) == typeof(float) && length == BlockLength)
        {
            return (float*)source;
        }

        if (typeof(T) == typeof(float))
        {
            Unsafe.CopyBlockUnaligned(scratch, source, (uint)(length * sizeof(T)));
        }
        else
        {
            Narrowing<T>.Widen(source, scratch, length);
        }

        new Span<float>(scratch + length, (int)(BlockLength - length)).Fill(beside);
        return scratch;
    }

    /// <summary>
    /// The sum of a block in which all counts 1, p is t and n is 1 - t. A sum of logarithms is the logarithm of a product, so that a lane takes one for the whole block: what the product of all
    /// 1 + e has above 1 becomes <c>P e + (P + e)</c>, up to 2^64, and keeps its digits also where all e are tiny.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Unweighted<TLanes, TDerivative>(float* x, float* t, nint length, double divisor, float* derivatives)
        where TLanes : unmanaged, ILanes<TLanes>
        where TDerivative : IWanted
    {
        TLanes sum = TLanes.Create(0), product = TLanes.Create(0);
        for (nint i = 0; i < length; i += LaneCount)
        {
            TLanes logit = TLanes.Load(x + i), p = TLanes.Load(t + i), n = TLanes.Create(1) - p, e = SingleLogitParts<TLanes>.Exp(logit);
            sum = TLanes.FusedMultiplyAdd(TLanes.SelectBySign(logit, p, n), SingleLogitParts<TLanes>.Size(logit), sum);
            product = TLanes.FusedMultiplyAdd(product, e, product + e);
            if (TDerivative.Yes)
            {
                SingleLogitParts<TLanes>.Derivative(logit, p, n, e, divisor).Store(derivatives + i);
            }
        }

        return SumOfLanes(sum + Elementary<TLanes, ForSingle>.Log1P(product).Value);
    }

    /// <summary>The sum of a block in which the positive class counts <c>positives[i]</c>, and element i <c>weights[i]</c> if that is wanted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Weighted<TLanes, TDerivative, TWeight>(
        float* x, float* t, double* positives, float* weights, BinaryParameters parameters, nint length, double divisor, float* losses, float* derivatives)
        where TLanes : unmanaged, ILanes<TLanes>
        where TDerivative : IWanted
        where TWeight : IWanted
    {
        TLanes sum = TLanes.Create(0);
        for (nint i = 0; i < length; i += LaneCount)
        {
            TLanes loss = TLoss.OfSingles<TLanes, TDerivative>(TLanes.Load(x + i), TLanes.Load(t + i), TLanes.Load(positives + i), parameters, divisor, out TLanes derivative);
            if (TWeight.Yes)
            {
                loss = Weigh(TLanes.Load(weights + i), loss);
            }

            sum += loss;
            if (losses != null)
            {
                loss.Store(losses + i);
            }

            if (TDerivative.Yes)
            {
                if (TWeight.Yes)
                {
                    derivative = Weigh(TLanes.Load(weights + i), derivative);
                }

                derivative.Store(derivatives + i);
            }
        }

        return SumOfLanes(sum);
    }

    /// <summary>A weight of 0 takes its element out, whatever that is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Weigh<TLanes>(TLanes weight, TLanes value)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.Select(TLanes.Equal(weight, TLanes.Create(0)), TLanes.Create(0), weight * value);

    private static double SumOfLanes<TLanes>(TLanes sum)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        double* lanes = stackalloc double[LaneCount];
        sum.Store(lanes);
        double total = 0;
        for (int lane = 0; lane < LaneCount; lane++)
        {
            total += lanes[lane];
        }

        return total;
    }

    private static void Write(float* values, T* destination, nint length)
    {
        if (typeof(T) == typeof(float))
        {
            Unsafe.CopyBlockUnaligned(destination, values, (uint)(length * sizeof(float)));
        }
        else
        {
            Narrowing<T>.Narrow(values, destination, length);
        }
    }
}
