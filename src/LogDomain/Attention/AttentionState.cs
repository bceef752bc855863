using System.Buffers.Binary;
using System.Numerics;
using LogDomain.Kernels.Attention;

namespace LogDomain.Attention;

/// <summary>
/// The unfinished attention of rows over some of their keys, which can be joined with that over others: for each row (reference, sum, vector), which stand for <c>sum_j e^(s_j) = e^reference sum</c> and
/// <c>sum_j e^(s_j) v_j = e^reference vector</c>. Natural logarithms, in double, not divided: nothing is rounded to a narrower type between parts.
/// </summary>
/// <remarks>
/// <para>
/// A row is a query of a head of a sequence, in the order of the query: [batch, head, position]. A state that has seen nothing is the identity of <see cref="Merge(AttentionState)"/>, which is associative and commutative but
/// for the last bits of doubles. <see cref="Finish{T}(Span{T}, Span{float}, ReadOnlySpan{float})"/> divides, once. So keys may be split over calls, threads, processes or machines (ring attention), and shared
/// prefixes be computed once.
/// </para>
/// <para>Bytes: <see cref="TryWriteBytes"/> and <see cref="Read"/>, little-endian, version 1: the version, rows, size of a value (int32 each), then references, sums and vectors (float64).</para>
/// </remarks>
public sealed class AttentionState
{
    private const int Version = 1, HeaderBytes = 3 * sizeof(int);

    private readonly double[] _numbers;

    /// <summary>Creates the state of rows that have seen nothing.</summary>
    /// <param name="rows">Batch x heads x queries.</param>
    /// <param name="valueSize">Numbers of a value.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or a value has no numbers.</exception>
    public AttentionState(int rows, int valueSize)
    {
        if (rows < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(rows), rows, $"rows is {rows}, but at least 0 was expected.");
        }

        if (valueSize < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(valueSize), valueSize, $"valueSize is {valueSize}, but at least 1 was expected.");
        }

        Rows = rows;
        ValueSize = valueSize;
        _numbers = new double[checked(rows * (valueSize + 2))];
        Clear();
    }

    /// <summary>Batch x heads x queries.</summary>
    public int Rows { get; }

    /// <summary>Numbers of a value.</summary>
    public int ValueSize { get; }

    /// <summary>Of each row: what the weights of its sum and vector are relative to, -infinity if it has seen nothing.</summary>
    public ReadOnlySpan<double> References => _numbers.AsSpan(0, Rows);

    /// <summary>Of each row: the sum of its weights <c>e^(s - reference)</c>.</summary>
    public ReadOnlySpan<double> Sums => _numbers.AsSpan(Rows, Rows);

    /// <summary>Of each row: the sum of weights times values.</summary>
    public ReadOnlySpan<double> Vectors => _numbers.AsSpan(2 * Rows);

    /// <summary>Bytes that <see cref="TryWriteBytes"/> writes.</summary>
    public int SizeInBytes => checked(HeaderBytes + (_numbers.Length * sizeof(double)));

    internal Span<double> Numbers => _numbers;

    /// <summary>Joins two states of the same rows over different keys.</summary>
    /// <exception cref="ArgumentException">The states have different sizes.</exception>
    public static AttentionState Merge(AttentionState first, AttentionState second)
    {
        AttentionState merged = new(first.Rows, first.ValueSize);
        first._numbers.CopyTo(merged._numbers, 0);
        merged.Merge(second);
        return merged;
    }

    /// <summary>Adds what another state of the same rows has seen. An empty one changes no bit.</summary>
    /// <exception cref="ArgumentException">The states have different sizes.</exception>
    public unsafe void Merge(AttentionState other)
    {
        if (other.Rows != Rows || other.ValueSize != ValueSize)
        {
            throw new ArgumentException($"other has {other.Rows} rows of {other.ValueSize} numbers, but {Rows} of {ValueSize} were expected.", nameof(other));
        }

        double[] copy = ReferenceEquals(this, other) ? [.. _numbers] : other._numbers;
        fixed (double* own = _numbers, others = copy)
        {
            AttentionSums sums = At(own, Rows, ValueSize), added = At(others, Rows, ValueSize);
            for (int row = 0; row < Rows; row++)
            {
                sums.Merge(row, added.Max[row], added.Sum[row], added.Vector(row));
            }
        }
    }

    /// <summary>Forgets all keys.</summary>
    public void Clear()
    {
        _numbers.AsSpan().Clear();
        _numbers.AsSpan(0, Rows).Fill(double.NegativeInfinity);
    }

    /// <summary>The attention over all keys seen: <c>vector / sum</c>, and the logarithm of the sum. The state stays as it is.</summary>
    /// <param name="destination">Receives rows x value size numbers; zeros for a row that has seen nothing.</param>
    /// <param name="logSumExp">Receives a number a row, -infinity for one that has seen nothing; empty if not wanted.</param>
    /// <param name="sinks">A logit for each row, which is one more term of its sum and has no value; empty for none.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public unsafe void Finish<T>(Span<T> destination, Span<float> logSumExp = default, ReadOnlySpan<float> sinks = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LogPrimitives.CheckElement<T>();
        LogPrimitives.CheckLength(destination.Length, checked(Rows * ValueSize), nameof(destination));
        if (!logSumExp.IsEmpty)
        {
            LogPrimitives.CheckLength(logSumExp.Length, Rows, nameof(logSumExp));
        }

        if (!sinks.IsEmpty)
        {
            LogPrimitives.CheckCount(sinks.Length, Rows, nameof(sinks));
        }

        fixed (double* numbers = _numbers)
        {
            AttentionSums sums = At(numbers, Rows, ValueSize);
            for (int row = 0; row < Rows; row++)
            {
                double sink = sinks.IsEmpty ? double.NegativeInfinity : sinks[row];
                double value = AttentionSums.Finish(sums.Max[row], sums.Sum[row], sink, out double factor);
                for (int i = 0; i < ValueSize; i++)
                {
                    destination[(row * ValueSize) + i] = T.CreateTruncating(sums.Vector(row)[i] * factor);
                }

                if (!logSumExp.IsEmpty)
                {
                    logSumExp[row] = (float)value;
                }
            }
        }
    }

    /// <summary>Writes the state. False if there is no room for <see cref="SizeInBytes"/>; nothing has been written then.</summary>
    public bool TryWriteBytes(Span<byte> destination)
    {
        if (destination.Length < SizeInBytes)
        {
            return false;
        }

        BinaryPrimitives.WriteInt32LittleEndian(destination, Version);
        BinaryPrimitives.WriteInt32LittleEndian(destination[sizeof(int)..], Rows);
        BinaryPrimitives.WriteInt32LittleEndian(destination[(2 * sizeof(int))..], ValueSize);
        for (int i = 0; i < _numbers.Length; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(destination[(HeaderBytes + (i * sizeof(double)))..], _numbers[i]);
        }

        return true;
    }

    /// <summary>Reads what <see cref="TryWriteBytes"/> has written.</summary>
    /// <exception cref="ArgumentException">The bytes are not a state of a version that is known.</exception>
    public static AttentionState Read(ReadOnlySpan<byte> source)
    {
        if (source.Length < HeaderBytes || BinaryPrimitives.ReadInt32LittleEndian(source) != Version)
        {
            throw new ArgumentException($"source has {source.Length} bytes which do not begin with a state of version {Version}.", nameof(source));
        }

        int rows = BinaryPrimitives.ReadInt32LittleEndian(source[sizeof(int)..]), valueSize = BinaryPrimitives.ReadInt32LittleEndian(source[(2 * sizeof(int))..]);
        if (rows < 0 || valueSize < 1 || source.Length != HeaderBytes + ((long)rows * (valueSize + 2L) * sizeof(double)))
        {
            throw new ArgumentException($"source has {source.Length} bytes, which is not the size of {rows} rows of {valueSize} numbers.", nameof(source));
        }

        AttentionState state = new(rows, valueSize);
        for (int i = 0; i < state._numbers.Length; i++)
        {
            state._numbers[i] = BinaryPrimitives.ReadDoubleLittleEndian(source[(HeaderBytes + (i * sizeof(double)))..]);
        }

        return state;
    }

    internal static unsafe AttentionSums At(double* numbers, int rows, int valueSize) => new(numbers, numbers + rows, numbers + (2 * rows), valueSize);
}
