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
    /// Takes the place of infinite |x|, which 0 times would make NaN. Times a share and a weight of the element that are not 0, 2^-149 each at least, and the least weight of the positive class it
    /// is infinite as float; and as many of it as memory holds are a double.
    /// </summary>
    private const double Infinite = 1e295;

    /// <summary>
    /// Weights of the positive class beyond which <see cref="Infinite"/> would not be infinite as float; and e^-700, which is e of all larger |x|, would not be 0 times a weight of the element, up
    /// to 2^128.
    /// </summary>
    private const double LeastWeight = 1e-100, LargestWeight = 1e200;

    private static bool HasSingles(in BinaryBatch<T> batch)
    {
        if (!TLoss.IsCrossEntropy || typeof(T) == typeof(double))
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
        bool isUnweighted = batch.PositiveCount == 1 && batch.Positives[0] == 1 && batch.Weights == null && batch.Losses == null;
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
                        ? Weighted<TLanes, Unwanted, Unwanted>(x, t, positives, weights, length, 1, losses, derivatives)
                        : Weighted<TLanes, Wanted, Unwanted>(x, t, positives, weights, length, batch.Divisor, losses, derivatives);
                }
                else
                {
                    float* w = ReadSingles(batch.Weights + start, length, weights, 0);
                    sum = batch.Gradient == null
                        ? Weighted<TLanes, Unwanted, Wanted>(x, t, positives, w, length, 1, losses, derivatives)
                        : Weighted<TLanes, Wanted, Wanted>(x, t, positives, w, length, batch.Divisor, losses, derivatives);
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
            sum = TLanes.FusedMultiplyAdd(TLanes.SelectBySign(logit, p, n), Size(logit), sum);
            product = TLanes.FusedMultiplyAdd(product, e, product + e);
            if (TDerivative.Yes)
            {
                Derivative(logit, p, n, e, divisor).Store(derivatives + i);
            }
        }

        return SumOfLanes(sum + Elementary<TLanes, ForSingle>.Log1P(product).Value);
    }

    /// <summary>The sum of a block in which the positive class counts <c>positives[i]</c>, and element i <c>weights[i]</c> if that is wanted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Weighted<TLanes, TDerivative, TWeight>(float* x, float* t, double* positives, float* weights, nint length, double divisor, float* losses, float* derivatives)
        where TLanes : unmanaged, ILanes<TLanes>
        where TDerivative : IWanted
        where TWeight : IWanted
    {
        TLanes sum = TLanes.Create(0);
        for (nint i = 0; i < length; i += LaneCount)
        {
            TLanes logit = TLanes.Load(x + i), target = TLanes.Load(t + i), p = TLanes.Load(positives + i) * target, n = TLanes.Create(1) - target;
            TLanes e = SingleLogitParts<TLanes>.Exp(logit);
            TLanes loss = TLanes.FusedMultiplyAdd(TLanes.SelectBySign(logit, p, n), Size(logit), (p + n) * SingleLogitParts<TLanes>.Log1P(e));
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
                TLanes derivative = Derivative(logit, p, n, e, divisor);
                if (TWeight.Yes)
                {
                    derivative = Weigh(TLanes.Load(weights + i), derivative);
                }

                derivative.Store(derivatives + i);
            }
        }

        return SumOfLanes(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Size<TLanes>(TLanes logit)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.Min(TLanes.Create(Infinite), TLanes.Abs(logit));

    /// <summary><c>n sigmoid(x) - p sigmoid(-x)</c> over a divisor; sigmoid(x) is 1 / (1 + e) for x above 0, e / (1 + e) below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Derivative<TLanes>(TLanes logit, TLanes p, TLanes n, TLanes e, double divisor)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes one = TLanes.Create(1), below = TLanes.SelectBySign(logit, one, e), above = TLanes.SelectBySign(logit, e, one);
        return TLanes.FusedMultiplyAdd(-p, below, n * above) / TLanes.FusedMultiplyAdd(e, TLanes.Create(divisor), TLanes.Create(divisor));
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
