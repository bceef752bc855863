using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;

namespace LogDomain.Kernels;

/// <summary>Cross-entropy in every form but the plainest: rows of any type, transformed if need be, with shares of every class.</summary>
/// <remarks>
/// Logits of 16 bits are computed in float, those with a temperature by kernels that have it in their constants and those with a softcap as
/// <see cref="LogitPairs"/>, or in double if they are doubles or a row has no frame. What is not where it was is in a scratch that stays in the cache, a few
/// rows at a time.
/// </remarks>
/// <typeparam name="T">The type of the logits.</typeparam>
internal readonly unsafe struct TargetRows<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Elements of a scratch, unless a row needs more: 32 KB of double.</summary>
    private const int ScratchLength = 1 << 12;

    /// <summary>Elements of a row of which one array holds two: the pairs.</summary>
    private const int LongestPairs = int.MaxValue / 2;

    /// <summary>What the targets are, with shares in double: those that all rows have, in <see cref="RowTargets{T}.Shares"/>.</summary>
    public RowTargets<double> Targets { get; init; }

    /// <summary>The probabilities of the classes of each row; null if there are classes instead.</summary>
    public T* Probabilities { get; init; }

    /// <summary>The share of a class is <c>weight (Slope probability + Floor)</c>.</summary>
    public double Slope { get; init; }

    public double Floor { get; init; }

    /// <summary>The weights of the classes; null if all are 1.</summary>
    public double* Weights { get; init; }

    public LogitTransform Transform { get; init; }

    /// <summary>Whether the probabilities are the shares as they are.</summary>
    private bool AreShares => Slope == 1 && Floor == 0 && Weights == null;

    /// <summary>Writes the loss of each row, and its gradient unless that is null; gradient and x may be the same.</summary>
    public void Run(T* x, T* gradient, nint rows, nint length, double* losses, int maxDegreeOfParallelism)
    {
        if (typeof(T) == typeof(double) || !(Transform.IsIdentity || Transform.IsTempered || (Transform.HasPairs && length <= LongestPairs)))
        {
            Run<double>(x, gradient, rows, length, losses, maxDegreeOfParallelism);
        }
        else
        {
            Run<float>(x, gradient, rows, length, losses, maxDegreeOfParallelism);
        }
    }

    private void Run<TWide>(T* x, T* gradient, nint rows, nint length, double* losses, int maxDegreeOfParallelism)
        where TWide : unmanaged, IBinaryFloatingPointIeee754<TWide>
    {
        TWide[] common = [];
        if (Targets.Shares != null)
        {
            common = new TWide[length];
            for (nint i = 0; i < length; i++)
            {
                common[i] = TWide.CreateTruncating(Targets.Shares[i]);
            }
        }

        // Not part of a lambda that runs on this thread alone, because that allocates.
        fixed (TWide* shares = common)
        {
            RowTargets<TWide> targets = Targets.With(shares, 0, Sums.Sum<TWide>(common).Value.High);
            int parts = RowPartition.Parts(rows, length, maxDegreeOfParallelism);
            if (parts == 1)
            {
                Part(x, gradient, rows, length, targets, Probabilities, losses);
            }
            else
            {
                RunInParts(x, gradient, rows, length, targets, losses, parts, maxDegreeOfParallelism);
            }
        }
    }

    private void RunInParts<TWide>(
        T* x, T* gradient, nint rows, nint length, RowTargets<TWide> targets, double* losses, int parts, int maxDegreeOfParallelism)
        where TWide : unmanaged, IBinaryFloatingPointIeee754<TWide>
    {
        TargetRows<T> self = this;
        RowPartition.Run(rows, parts, maxDegreeOfParallelism, (first, count) => self.Part(
            x + (first * length),
            gradient == null ? null : gradient + (first * length),
            count,
            length,
            targets.From(first),
            self.Probabilities == null ? null : self.Probabilities + (first * length),
            losses + first));
    }

    private void Part<TWide>(T* x, T* gradient, nint rows, nint length, RowTargets<TWide> targets, T* probabilities, double* losses)
        where TWide : unmanaged, IBinaryFloatingPointIeee754<TWide>
    {
        if (typeof(T) == typeof(TWide) && Transform.IsIdentity && (probabilities == null || AreShares))
        {
            RowTargets<TWide> all = probabilities == null ? targets : targets.With((TWide*)probabilities, length);
            RowKernels<TWide>.Best!.CrossEntropyOfShares((TWide*)x, (TWide*)gradient, rows, length, &all, losses);
            return;
        }

        if (typeof(TWide) == typeof(float) && !Transform.IsIdentity)
        {
            PartInFloat(x, gradient, rows, length, targets.With((float*)targets.Shares, targets.ShareStep, targets.ShareTotal), probabilities, losses);
            return;
        }

        int step = StepRows(rows, length);
        int elements = (int)(step * length);
        TWide[] room = ArrayPool<TWide>.Shared.Rent(elements), shareRoom = ArrayPool<TWide>.Shared.Rent(probabilities == null ? 0 : elements);
        double[] slopeRoom = ArrayPool<double>.Shared.Rent(Transform.IsLinear || gradient == null ? 0 : elements);
        fixed (TWide* logits = room, shares = shareRoom)
        fixed (double* slopes = slopeRoom)
        {
            for (nint row = 0; row < rows; row += step)
            {
                nint count = nint.Min(step, rows - row), size = count * length;
                Widen(x + (row * length), logits, size);
                if (!Transform.IsIdentity)
                {
                    Transform.Run((double*)logits, gradient == null || Transform.IsLinear ? null : slopes, size);
                }

                RowTargets<TWide> here = targets.From(row);
                if (probabilities != null)
                {
                    Widen(probabilities + (row * length), shares, size);
                    if (!AreShares)
                    {
                        Share(shares, count, length);
                    }

                    here = here.With(shares, length);
                }

                RowKernels<TWide>.Best!.CrossEntropyOfShares(logits, gradient == null ? null : logits, count, length, &here, losses + row);
                if (gradient != null)
                {
                    for (nint r = 0; r < count && !Transform.IsLinear; r++)
                    {
                        // A row that does not count has a gradient of 0, also where its slope is NaN.
                        if (here.Scales[r] != 0)
                        {
                            Span<double> slopesOfRow = new(slopes + (r * length), (int)length), gradients = new((double*)logits + (r * length), (int)length);
                            TensorPrimitives.Multiply(slopesOfRow, gradients, gradients);
                        }
                    }

                    Narrow(logits, gradient + (row * length), size);
                }
            }
        }

        ArrayPool<TWide>.Shared.Return(room);
        ArrayPool<TWide>.Shared.Return(shareRoom);
        ArrayPool<double>.Shared.Return(slopeRoom);
    }

    /// <summary>Rows that are computed together in a scratch.</summary>
    private static int StepRows(nint rows, nint length) => (int)nint.Clamp(ScratchLength / nint.Max(1, length), 1, nint.Max(1, rows));

    /// <summary>Transformed rows of other types than double.</summary>
    private void PartInFloat(T* x, T* gradient, nint rows, nint length, RowTargets<float> targets, T* probabilities, double* losses)
    {
        bool isWide = typeof(T) == typeof(float), isTempered = Transform.IsTempered, hasSlopes = gradient != null && !isTempered;
        bool needsNoScratch = isWide && isTempered && probabilities == null;
        nint step = needsNoScratch ? rows : StepRows(rows, length);
        int elements = needsNoScratch ? 0 : (int)(step * length);

        // For pairs a row needs its logits again if it is computed alone; and the difference of two pointers to float is a number of floats only if both lie at
        // multiples of its size.
        bool inPlace = isWide && gradient != null && (isTempered || (gradient != x && (nuint)gradient % sizeof(float) == 0));
        float[] room = ArrayPool<float>.Shared.Rent(!isTempered ? 2 * elements : inPlace ? 0 : elements);
        float[] wideRoom = ArrayPool<float>.Shared.Rent(isWide ? 0 : elements), shareRoom = ArrayPool<float>.Shared.Rent(probabilities == null ? 0 : elements);
        double[] slopeRoom = ArrayPool<double>.Shared.Rent(hasSlopes ? elements : 0);
        fixed (float* highRoom = room, wide = wideRoom, shares = shareRoom)
        fixed (double* slopes = slopeRoom)
        {
            float* low = highRoom + elements;
            for (nint row = 0; row < rows; row += step)
            {
                nint count = nint.Min(step, rows - row);
                float* logits = isWide ? (float*)(x + (row * length)) : wide;
                if (!isWide)
                {
                    Widen(x + (row * length), wide, count * length);
                }

                RowTargets<float> here = targets.From(row);
                if (probabilities != null)
                {
                    Widen(probabilities + (row * length), shares, count * length);
                    if (!AreShares)
                    {
                        Share(shares, count, length);
                    }

                    here = here.With(shares, length);
                }

                for (nint first = 0; first < count; first++)
                {
                    RowTargets<float> left = here.From(first);
                    nint start = first * length;
                    float* result = inPlace ? (float*)(gradient + (row * length) + start) : highRoom;
                    double* loss = losses + row + first;
                    nint done = isTempered
                        ? RowKernels<float>.Best!.TemperedCrossEntropy(
                            logits + start, gradient == null ? null : result, count - first, length, Transform.Temperature, &left, loss)
                        : TransformedRows.CrossEntropy(
                            logits + start, Transform, result, (nint)(low - result), hasSlopes ? slopes : null, count - first, length, &left, loss);
                    if (gradient != null && !inPlace)
                    {
                        Narrow(result, gradient + (row * length) + start, done * length);
                    }

                    first += done;
                    if (first < count)
                    {
                        AloneInDouble(x, gradient, row + first, length, targets, probabilities, losses);
                    }
                }
            }
        }

        ArrayPool<float>.Shared.Return(room);
        ArrayPool<float>.Shared.Return(wideRoom);
        ArrayPool<float>.Shared.Return(shareRoom);
        ArrayPool<double>.Shared.Return(slopeRoom);
    }

    /// <summary>A row that has neither a frame nor pairs.</summary>
    private void AloneInDouble(T* x, T* gradient, nint row, nint length, RowTargets<float> targets, T* probabilities, double* losses)
    {
        TargetRows<T> alone = this with
        {
            Targets = targets.From(row).With(Targets.Shares, 0),
            Probabilities = probabilities == null ? null : probabilities + (row * length),
        };
        alone.Run<double>(x + (row * length), gradient == null ? null : gradient + (row * length), 1, length, losses + row, maxDegreeOfParallelism: 1);
    }

    /// <summary>Makes shares of probabilities.</summary>
    private void Share<TWide>(TWide* shares, nint rows, nint length)
        where TWide : unmanaged, IBinaryFloatingPointIeee754<TWide>
    {
        TWide slope = TWide.CreateTruncating(Slope), floor = TWide.CreateTruncating(Floor);
        for (nint row = 0; row < rows; row++, shares += length)
        {
            for (nint i = 0; i < length; i++)
            {
                TWide share = (slope * shares[i]) + floor;
                shares[i] = Weights == null ? share : TWide.CreateTruncating(Weights[i]) * share;
            }
        }
    }

    private static void Widen<TWide>(T* x, TWide* y, nint count)
        where TWide : unmanaged
    {
        if (typeof(TWide) == typeof(double))
        {
            Widening.ToDouble(x, count, (double*)y);
        }
        else if (typeof(T) == typeof(float))
        {
            new ReadOnlySpan<float>(x, (int)count).CopyTo(new(y, (int)count));
        }
        else
        {
            Narrowing<T>.Widen(x, (float*)y, count);
        }
    }

    private static void Narrow<TWide>(TWide* x, T* y, nint count)
        where TWide : unmanaged
    {
        if (typeof(TWide) == typeof(double))
        {
            Widening.FromDouble((double*)x, count, y);
        }
        else if (typeof(T) == typeof(float))
        {
            new ReadOnlySpan<float>(x, (int)count).CopyTo(new(y, (int)count));
        }
        else
        {
            Narrowing<T>.Narrow((float*)x, y, count);
        }
    }
}
