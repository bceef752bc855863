using System.Buffers.Binary;
using LogDomain.Kernels;

namespace LogDomain;

public partial struct LogSumExpAccumulator
{
    /// <summary>How many bytes <see cref="TryWriteBytes"/> writes and <see cref="Read"/> reads.</summary>
    /// <remarks>
    /// Little-endian: the letters LSEA, the version 1 (int32), <see cref="Count"/> (int64), the largest and the second largest x (float64), and six bins
    /// (int128), three of the sum of the terms and three of their squares. Equal sums have equal bytes.
    /// </remarks>
    public const int SizeInBytes = 32 + (6 * BinSize);

    private const int BinSize = 16, Version = 1;

    private static ReadOnlySpan<byte> Letters => "LSEA"u8;

    /// <summary>Writes the state.</summary>
    /// <param name="destination">Receives <see cref="SizeInBytes"/> bytes; the rest of it stays as it was.</param>
    /// <returns>Whether there was room. If not, nothing was written.</returns>
    public readonly bool TryWriteBytes(Span<byte> destination)
    {
        if (destination.Length < SizeInBytes)
        {
            return false;
        }

        Letters.CopyTo(destination);
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(destination[8..], _count);
        BinaryPrimitives.WriteDoubleLittleEndian(destination[16..], _max);
        BinaryPrimitives.WriteDoubleLittleEndian(destination[24..], _tail.Largest);
        Write(_tail.Sum, destination[32..]);
        Write(_tail.Squares, destination[(32 + (3 * BinSize))..]);
        return true;
    }

    /// <summary>Reads a state that <see cref="TryWriteBytes"/> has written.</summary>
    /// <param name="source">At least <see cref="SizeInBytes"/> bytes; what follows them is not looked at.</param>
    /// <exception cref="ArgumentException"><paramref name="source"/> is too short.</exception>
    /// <exception cref="FormatException">
    /// The bytes are of another format or version, or no numbers have this state. Every bound that a sum of Count terms keeps is checked, so that a state from an
    /// untrusted place can be wrong, but does nothing that a state made here could not do.
    /// </exception>
    public static LogSumExpAccumulator Read(ReadOnlySpan<byte> source)
    {
        if (source.Length < SizeInBytes)
        {
            throw new ArgumentException($"source has {source.Length} bytes, but {SizeInBytes} were expected.", nameof(source));
        }

        if (!source.StartsWith(Letters))
        {
            throw new FormatException($"The bytes begin with {Convert.ToHexString(source[..4])}, but {Convert.ToHexString(Letters)} (LSEA) was expected.");
        }

        int version = BinaryPrimitives.ReadInt32LittleEndian(source[4..]);
        if (version != Version)
        {
            throw new FormatException($"The version of the bytes is {version}, but {Version} was expected.");
        }

        LogSumExpAccumulator state = default;
        state._count = BinaryPrimitives.ReadInt64LittleEndian(source[8..]);
        state._max = BinaryPrimitives.ReadDoubleLittleEndian(source[16..]);
        state._tail.Largest = BinaryPrimitives.ReadDoubleLittleEndian(source[24..]);
        state._tail.Sum = ReadSum(source[32..]);
        state._tail.Squares = ReadSum(source[(32 + (3 * BinSize))..]);
        return state.Fault() is string fault ? throw new FormatException(fault) : state;
    }

    /// <summary>What no sum of numbers can look like, or null.</summary>
    private readonly string? Fault()
    {
        if (_count < 0)
        {
            return $"Count is {_count}, but at least 0 was expected.";
        }

        if (_count == 0 && BitConverter.DoubleToInt64Bits(_max) != 0)
        {
            return $"The largest x is {_max:R} in a sum of nothing, but 0 was expected.";
        }

        if (!IsCanonical(_max))
        {
            return $"The largest x has the bits {BitConverter.DoubleToInt64Bits(_max):X16}, but those of one zero and one NaN were expected.";
        }

        if (_tail.Sum.IsZero)
        {
            return BitConverter.DoubleToInt64Bits(_tail.Largest) != 0 || !_tail.Squares.IsZero
                ? "There is a second largest x or a sum of squares, but no sum of terms, which should be above 0."
                : null;
        }

        if (_count < 2 || !double.IsFinite(_max))
        {
            return $"There are terms beside the largest x, {_max:R}, where Count is {_count}; they were expected beside a finite x and with a Count of 2 or more.";
        }

        if (!(_tail.Largest <= _max) || !double.IsFinite(_tail.Largest) || !IsCanonical(_tail.Largest))
        {
            return $"The second largest x is {_tail.Largest:R}, but a finite number, not -0 and not above the largest, {_max:R}, was expected.";
        }

        return _tail.IsPossible(_count - 1) ? null : $"The bins are out of the bounds that {_count - 1} terms up to e^{_tail.Largest:R} and their squares have.";
    }

    private static bool IsCanonical(double x) =>
        BitConverter.DoubleToInt64Bits(x) == BitConverter.DoubleToInt64Bits(double.IsNaN(x) ? double.NaN : x + 0.0);

    private static void Write(in BinnedSum sum, Span<byte> destination)
    {
        BinaryPrimitives.WriteInt128LittleEndian(destination, sum.Top);
        BinaryPrimitives.WriteInt128LittleEndian(destination[BinSize..], sum.Middle);
        BinaryPrimitives.WriteInt128LittleEndian(destination[(2 * BinSize)..], sum.Low);
    }

    private static BinnedSum ReadSum(ReadOnlySpan<byte> source) => new()
    {
        Top = BinaryPrimitives.ReadInt128LittleEndian(source),
        Middle = BinaryPrimitives.ReadInt128LittleEndian(source[BinSize..]),
        Low = BinaryPrimitives.ReadInt128LittleEndian(source[(2 * BinSize)..]),
    };
}
