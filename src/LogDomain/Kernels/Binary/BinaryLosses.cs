using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Binary;

/// <summary>
/// A binary loss over memory, in blocks of a fixed number of elements: values, derivatives, and the sum of the values. A block is computed as if it were alone and blocks are added in
/// their order, so the number of threads changes no bit.
/// </summary>
/// <remarks>Within a block everything is double, whatever T is, and is rounded to T once, when it is written.</remarks>
internal static unsafe partial class BinaryLosses<TLoss, T>
    where TLoss : IBinaryLoss
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Elements of a block: what is kept of one, 20 KB at most, fits the first-level cache.</summary>
    private const int BlockLength = 512;

    private const int LaneCount = 8;

    private static bool Wide => Vector512.IsHardwareAccelerated && Avx512F.IsSupported && Avx512DQ.IsSupported;

    /// <summary>Computes what the batch asks for, and returns the sum of all losses.</summary>
    public static double Run(in BinaryBatch<T> batch, int maxDegreeOfParallelism)
    {
        nint blocks = (batch.Count + BlockLength - 1) / BlockLength;
        using Scratch<double> sums = new(2 * blocks);
        fixed (double* sumOfBlock = sums.Span)
        {
            int parts = RowPartition.Parts(blocks, BlockLength, maxDegreeOfParallelism);
            if (parts == 1)
            {
                Run(batch, 0, blocks, sumOfBlock);
            }
            else
            {
                RunInParts(batch, blocks, sumOfBlock, parts, maxDegreeOfParallelism);
            }
        }

        TripleSum sum = default;
        for (int block = 0; block < blocks; block++)
        {
            sum.Add(sums.Span[2 * block], sums.Span[(2 * block) + 1]);
        }

        return sum.Value.Value;
    }

    // Apart, because a lambda allocates where its method begins.
    private static void RunInParts(BinaryBatch<T> batch, nint blocks, double* sums, int parts, int maxDegreeOfParallelism) =>
        RowPartition.Run(blocks, parts, maxDegreeOfParallelism, (first, count) => Run(batch, first, count, sums));

    private static void Run(in BinaryBatch<T> batch, nint first, nint count, double* sums)
    {
        if (Wide)
        {
            RunBlocks<DoubleVector512>(batch, first, count, sums);
        }
        else
        {
            RunBlocks<DoubleVector256Pair>(batch, first, count, sums);
        }
    }

    private static void RunBlocks<TLanes>(in BinaryBatch<T> batch, nint first, nint count, double* sums)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        if (HasSingles(batch))
        {
            RunSingles<TLanes>(batch, first, count, sums);
        }
        else if (typeof(T) == typeof(double))
        {
            RunBlocks<TLanes, double, ForDouble>(batch, first, count, sums);
        }
        else
        {
            RunBlocks<TLanes, float, ForSingle>(batch, first, count, sums);
        }
    }

    private static void RunBlocks<TLanes, TMemory, TPrecision>(in BinaryBatch<T> batch, nint first, nint count, double* sums)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : unmanaged
        where TPrecision : IPrecision
    {
        double* losses = stackalloc double[BlockLength], derivatives = stackalloc double[BlockLength];
        TMemory* logits = stackalloc TMemory[BlockLength], targets = stackalloc TMemory[BlockLength];
        using Scratch<double> positiveOfPlace = PositivesOfPlaces(batch);
        fixed (double* table = positiveOfPlace.Span)
        {
            for (nint block = first; block < first + count; block++)
            {
                nint start = block * BlockLength, length = nint.Min(BlockLength, batch.Count - start);
                TMemory* x = Read(batch.Logits + start, length, logits), t = Read(batch.Targets + start, length, targets);
                double* positives = table + (start % batch.PositiveCount);
                if (batch.Gradient == null)
                {
                    Compute<TLanes, TMemory, TPrecision, Unwanted>(x, t, positives, batch.Parameters, length, losses, derivatives);
                }
                else
                {
                    Compute<TLanes, TMemory, TPrecision, Wanted>(x, t, positives, batch.Parameters, length, losses, derivatives);
                }

                if (batch.Weights != null)
                {
                    Weigh(batch.Weights + start, length, losses, derivatives);
                }

                Sum<TLanes, TPrecision>(losses, length, sums + (2 * block));
                if (batch.Losses != null)
                {
                    Write<TLanes, TPrecision>(losses, 1, length, batch.Losses + start);
                }

                if (batch.Gradient != null)
                {
                    Write<TLanes, TPrecision>(derivatives, batch.Divisor, length, batch.Gradient + start);
                }
            }
        }
    }

    /// <summary>The weights of the positive class, and so many of them again that a block finds its own in one piece, wherever it begins.</summary>
    private static Scratch<double> PositivesOfPlaces(in BinaryBatch<T> batch)
    {
        Scratch<double> positives = new(batch.PositiveCount + BlockLength);
        for (int i = 0; i < positives.Span.Length; i++)
        {
            positives.Span[i] = batch.Positives[i % batch.PositiveCount];
        }

        return positives;
    }

    /// <summary>The elements as floats or doubles: where they are, or in scratch memory, with copies of the last in a group that is not whole.</summary>
    private static TMemory* Read<TMemory>(T* source, nint length, TMemory* scratch)
        where TMemory : unmanaged
    {
        if (typeof(T) == typeof(TMemory) && length % LaneCount == 0)
        {
            return (TMemory*)source;
        }

        if (typeof(T) == typeof(TMemory))
        {
            Unsafe.CopyBlockUnaligned(scratch, source, (uint)(length * sizeof(T)));
        }
        else
        {
            Narrowing<T>.Widen(source, (float*)scratch, length);
        }

        for (nint i = length; i % LaneCount != 0; i++)
        {
            scratch[i] = scratch[length - 1];
        }

        return scratch;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compute<TLanes, TMemory, TPrecision, TDerivative>(
        TMemory* x, TMemory* t, double* positives, BinaryParameters parameters, nint length, double* losses, double* derivatives)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : unmanaged
        where TPrecision : IPrecision
        where TDerivative : IWanted
    {
        for (nint i = 0; i < length; i += LaneCount)
        {
            TLanes loss = TLoss.Of<TLanes, TPrecision, TDerivative>(
                Load<TLanes, TMemory>(x + i), Load<TLanes, TMemory>(t + i), TLanes.Load(positives + i), parameters, out TLanes derivative, out uint rare);
            loss.Store(losses + i);
            if (TDerivative.Yes)
            {
                derivative.Store(derivatives + i);
            }

            if (rare != 0)
            {
                Redo(x + i, t + i, positives + i, parameters, rare, losses + i, derivatives + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Redo<TMemory>(TMemory* x, TMemory* t, double* positives, BinaryParameters parameters, uint rare, double* losses, double* derivatives)
        where TMemory : unmanaged
    {
        for (int i = 0; i < LaneCount; i++)
        {
            if ((rare & (1u << i)) != 0)
            {
                losses[i] = TLoss.Rare(Load<ScalarLane, TMemory>(x + i).Value, Load<ScalarLane, TMemory>(t + i).Value, positives[i], parameters, out derivatives[i]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Load<TLanes, TMemory>(TMemory* x)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : unmanaged => typeof(TMemory) == typeof(double) ? TLanes.Load((double*)x) : TLanes.Load((float*)x);

    /// <summary>A weight of 0 takes its element out, whatever that is.</summary>
    private static void Weigh(T* weights, nint length, double* losses, double* derivatives)
    {
        for (nint i = 0; i < length; i++)
        {
            double weight = double.CreateTruncating(weights[i]);
            losses[i] = LogitPart.Weighted(weight, losses[i]);
            derivatives[i] = LogitPart.Weighted(weight, derivatives[i]);
        }
    }

    /// <summary>The sum of a block as two doubles: of every eighth element in a lane, with what each addition lost, and the lanes in their order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum<TLanes, TPrecision>(double* losses, nint length, double* result)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        for (nint i = length; i % LaneCount != 0; i++)
        {
            losses[i] = 0;
        }

        TLanes sum = TLanes.Create(0), rest = TLanes.Create(0);
        for (nint i = 0; i < length; i += LaneCount)
        {
            Pair<TLanes, TPrecision> next = Pair<TLanes, TPrecision>.Sum(sum, TLanes.Load(losses + i));
            sum = next.High;
            if (TPrecision.IsDouble)
            {
                rest += next.Low;
            }
        }

        double* lanes = stackalloc double[2 * LaneCount];
        sum.Store(lanes);
        rest.Store(lanes + LaneCount);
        TripleSum total = default;
        for (int lane = 0; lane < LaneCount; lane++)
        {
            total.Add(lanes[lane], double.IsFinite(lanes[lane]) ? lanes[LaneCount + lane] : 0);
        }

        (result[0], result[1]) = total.Value;
    }

    /// <summary>Divides, and rounds to T once: what is stored as float for a type of 16 bits is a number of that type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Write<TLanes, TPrecision>(double* values, double divisor, nint length, T* destination)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        byte* scratch = stackalloc byte[BlockLength * sizeof(double)];
        bool isWhole = length % LaneCount == 0;
        if (typeof(T) == typeof(double))
        {
            TLanes divisors = TLanes.Create(divisor);
            double* y = isWhole ? (double*)destination : (double*)scratch;
            for (nint i = 0; i < length; i += LaneCount)
            {
                (TLanes.Load(values + i) / divisors).Store(y + i);
            }
        }
        else
        {
            TLanes factor = TLanes.Create(1 / divisor);
            float* y = isWhole && typeof(T) == typeof(float) ? (float*)destination : (float*)scratch;
            for (nint i = 0; i < length; i += LaneCount)
            {
                TLanes value = TLanes.Load(values + i) * factor;
                value = typeof(T) == typeof(Half) ? TLanes.Round(value, bits: 11, minExponent: -14)
                    : typeof(T) == typeof(BFloat16) ? TLanes.Round(value, bits: 8, minExponent: -126) : value;
                value.Store(y + i);
            }
        }

        if (typeof(T) != typeof(double) && typeof(T) != typeof(float))
        {
            Narrowing<T>.Narrow((float*)scratch, destination, length);
        }
        else if (!isWhole)
        {
            Unsafe.CopyBlockUnaligned(destination, scratch, (uint)(length * sizeof(T)));
        }
    }
}

/// <summary>What a binary loss reads and writes.</summary>
internal readonly unsafe struct BinaryBatch<T>
    where T : unmanaged
{
    public required nint Count { get; init; }

    public required T* Logits { get; init; }

    public required T* Targets { get; init; }

    /// <summary>What each element counts, or null.</summary>
    public T* Weights { get; init; }

    /// <summary>What the positive class counts: one number, or one for each column.</summary>
    public required double* Positives { get; init; }

    public required nint PositiveCount { get; init; }

    public required BinaryParameters Parameters { get; init; }

    /// <summary>Receives the losses, or null.</summary>
    public T* Losses { get; init; }

    /// <summary>Receives the derivatives over <see cref="Divisor"/>, or null; may be <see cref="Logits"/>.</summary>
    public T* Gradient { get; init; }

    /// <summary>The number of elements for the gradient of a mean, 1 for that of a sum.</summary>
    public required double Divisor { get; init; }
}
