using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Cli.Evaluation;

/// <summary>
/// A few rows, small enough to stay in the cache: logits x, logits y relative to their row's maximum and at a temperature, p = softmax(y).
/// </summary>
/// <remarks>
/// x - max is exact or far below the maximum, and what is scaled is small where it counts. So float keeps its digits at every temperature, which
/// b x - log-sum-exp(b x) would lose.
/// </remarks>
internal sealed class RowTile<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly int _classes;
    private readonly T[] _x, _y, _p;
    private readonly int[] _best;
    private double _scale;

    public RowTile(int rows, int classes)
    {
        int length = checked(rows * classes);
        _classes = classes;
        _x = new T[length];
        _y = new T[length + RowSums.Slack<T>()];
        _p = new T[length + RowSums.Slack<T>()];
        _best = new int[rows];
    }

    /// <summary>To be filled with logits before <see cref="Center"/>.</summary>
    public Span<T> Logits(int rows) => _x.AsSpan(0, rows * _classes);

    /// <summary>y = x - max. Returns the first row without a finite maximum, which has no probabilities; -1 if there is none.</summary>
    public int Center(int rows)
    {
        _scale = 1;
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<T> x = _x.AsSpan(row * _classes, _classes);
            T max = TensorPrimitives.Max(x);
            if (!T.IsFinite(max))
            {
                return row;
            }

            _best[row] = IndexOf(x, max);
            TensorPrimitives.Subtract(x, max, _y.AsSpan(row * _classes, _classes));
        }

        return -1;
    }

    /// <summary>y = b (x - max), after <see cref="Center"/>.</summary>
    public void Scale(int rows, double b)
    {
        Span<T> y = _y.AsSpan(0, rows * _classes);
        TensorPrimitives.Multiply(y, T.CreateTruncating(b), y);
        _scale = b;
    }

    /// <summary>p = softmax(y).</summary>
    public void SoftMax(int rows) => LogPrimitives.SoftMaxRows(_y.AsSpan(0, rows * _classes), _classes, _p, maxDegreeOfParallelism: 1);

    /// <summary>What p says of a row. To be called once a row after <see cref="SoftMax"/>.</summary>
    public RowPrediction Predict(int row, int label)
    {
        int start = row * _classes, best = _best[row];
        double logit = _scale * (double.CreateTruncating(_x[start + label]) - double.CreateTruncating(_x[start + best]));
        double probability = double.CreateTruncating(_p[start + label]), confidence = double.CreateTruncating(_p[start + best]);

        // The sums leave out the most likely class, in whose p all others would drown. Its y is 0, so no moment changes.
        _p[start + best] = T.Zero;
        return new(logit, probability, confidence, label == best, RowSums.Of<T>(_y.AsSpan(start), _p.AsSpan(start), _classes));
    }

    /// <summary>The mean y of the classes that are possible, given the sum of all.</summary>
    public double MeanLogit(int row, double sum)
    {
        if (double.IsFinite(sum))
        {
            return sum / _classes;
        }

        double possible = 0;
        int count = 0;
        foreach (T y in _y.AsSpan(row * _classes, _classes))
        {
            if (T.IsFinite(y))
            {
                possible += double.CreateTruncating(y);
                count++;
            }
        }

        return possible / count;
    }

    /// <summary>How many classes rank before the label. Of equal logits the lower index ranks first.</summary>
    public int Ahead(int row, int label)
    {
        ReadOnlySpan<T> x = _x.AsSpan(row * _classes, _classes);
        return CountAbove(x[..label], x[label], orEqual: true) + CountAbove(x[(label + 1)..], x[label], orEqual: false);
    }

    /// <summary>The bits are compared, many at a time; floats would be compared one by one.</summary>
    private static int IndexOf(ReadOnlySpan<T> x, T value) => typeof(T) == typeof(float)
        ? MemoryMarshal.Cast<T, int>(x).IndexOf(Unsafe.BitCast<T, int>(value))
        : MemoryMarshal.Cast<T, long>(x).IndexOf(Unsafe.BitCast<T, long>(value));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int CountAbove(ReadOnlySpan<T> x, T limit, bool orEqual)
    {
        int count = 0, i = 0;
        ref T first = ref MemoryMarshal.GetReference(x);
        Vector256<T> limits = Vector256.Create(limit);
        for (; i <= x.Length - Vector256<T>.Count; i += Vector256<T>.Count)
        {
            Vector256<T> v = Vector256.LoadUnsafe(ref first, (nuint)i);
            Vector256<T> above = orEqual ? Vector256.GreaterThanOrEqual(v, limits) : Vector256.GreaterThan(v, limits);
            count += BitOperations.PopCount(above.ExtractMostSignificantBits());
        }

        for (; i < x.Length; i++)
        {
            count += x[i] > limit || (orEqual && x[i] == limit) ? 1 : 0;
        }

        return count;
    }
}
