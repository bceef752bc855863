using System.Buffers.Binary;

namespace LogDomain.Tests.Primitives;

/// <summary>States as bytes, also such as no one has written.</summary>
public class AccumulatorBytesTests
{
    [Fact]
    public void Every_state_comes_back_and_goes_on_as_before()
    {
        for (int kind = 0; kind < AccumulatorRows.Count; kind++)
        {
            foreach (int length in (int[])[0, 1, 2, 3, 7, 100, 1500])
            {
                double[] x = AccumulatorRows.Row(length, kind, seed: length + kind);
                LogSumExpAccumulator sum = AccumulatorRows.Of(x);
                string bytes = AccumulatorRows.Bytes(sum);
                LogSumExpAccumulator read = LogSumExpAccumulator.Read(Convert.FromHexString(bytes));
                Assert.Equal(bytes, AccumulatorRows.Bytes(read));
                Assert.Equal(sum.Value, read.Value);
                read.Add<double>(x);
                sum.Add<double>(x);
                Assert.Equal(AccumulatorRows.Bytes(sum), AccumulatorRows.Bytes(read));
            }
        }
    }

    [Fact]
    public void The_bytes_are_those_of_the_documented_format()
    {
        // e^0 beside e^1: the bins of 1 have the grid 2^0, those of its square, too.
        byte[] expected = new byte[128];
        "LSEA"u8.CopyTo(expected);
        (expected[4], expected[8]) = (1, 3);
        BinaryPrimitives.WriteDoubleLittleEndian(expected.AsSpan(16), 1);
        (expected[32], expected[80]) = (2, 2);
        Assert.Equal(Convert.ToHexString(expected), AccumulatorRows.Bytes(AccumulatorRows.Of([0, 1, 0])));
        Assert.Equal(128, LogSumExpAccumulator.SizeInBytes);
    }

    [Fact]
    public void Bytes_beyond_the_state_are_neither_written_nor_read()
    {
        byte[] bytes = [.. Enumerable.Repeat((byte)0xA5, LogSumExpAccumulator.SizeInBytes + 9)];
        LogSumExpAccumulator sum = AccumulatorRows.Of([1, 2, 3]);
        Assert.True(sum.TryWriteBytes(bytes));
        Assert.All(bytes[LogSumExpAccumulator.SizeInBytes..], b => Assert.Equal(0xA5, b));
        Assert.Equal(sum, LogSumExpAccumulator.Read(bytes));
    }

    [Fact]
    public void Without_room_nothing_is_written()
    {
        for (int length = 0; length < LogSumExpAccumulator.SizeInBytes; length++)
        {
            byte[] bytes = [.. Enumerable.Repeat((byte)0xA5, length)];
            Assert.False(AccumulatorRows.Of([1, 2, 3]).TryWriteBytes(bytes));
            Assert.All(bytes, b => Assert.Equal(0xA5, b));
        }
    }

    [Fact]
    public void Truncated_bytes_are_refused_with_their_length()
    {
        byte[] bytes = Convert.FromHexString(AccumulatorRows.Bytes(AccumulatorRows.Of([1, 2, 3])));
        for (int length = 0; length < bytes.Length; length++)
        {
            ArgumentException e = Assert.Throws<ArgumentException>("source", () => LogSumExpAccumulator.Read(bytes.AsSpan(0, length)));
            Assert.StartsWith($"source has {length} bytes, but 128 were expected.", e.Message, StringComparison.Ordinal);
        }
    }

    public static TheoryData<int, string, string> Forged => new()
    {
        { 0, "4C534542", "The bytes begin with 4C534542, but 4C534541 (LSEA) was expected." },
        { 4, "02000000", "The version of the bytes is 2, but 1 was expected." },
        { 8, "FFFFFFFFFFFFFFFF", "Count is -1, but at least 0 was expected." },
        { 8, "0000000000000000", "The largest x is 3 in a sum of nothing" },
        { 8, "0100000000000000", "There are terms beside the largest x, 3, where Count is 1" },
        { 16, "000000000000F07F", "There are terms beside the largest x, " },
        { 16, "010000000000F87F", "The largest x has the bits 7FF8000000000001" },
        { 16, "0000000000000080", "The largest x has the bits 8000000000000000" },
        { 16, "0000000000000000", "The second largest x is 2, but" },
        { 24, "0000000000000080", "The second largest x is -0, but" },
        { 24, "000000000000F07F", "The second largest x is " },
        { 24, "000000000000F0FF", "The second largest x is " },
        { 24, "000000000000F8FF", "The second largest x is " },
        { 24, "0000000000000000", "The bins are out of the bounds" },   // e^0 for e^2
        { 32, "07", "The bins are out of the bounds" },                 // less than e^2
        { 32, "FFFF", "The bins are out of the bounds" },
        { 47, "80", "The bins are out of the bounds" },                 // negative, and huge
        { 47, "7F", "The bins are out of the bounds" },
        { 63, "80", "The bins are out of the bounds" },
        { 63, "7F", "The bins are out of the bounds" },
        { 79, "80", "The bins are out of the bounds" },
        { 79, "7F", "The bins are out of the bounds" },
        { 80, "30", "The bins are out of the bounds" },                 // of squares: less than e^4
        { 95, "80", "The bins are out of the bounds" },
        { 111, "40", "The bins are out of the bounds" },
        { 127, "40", "The bins are out of the bounds" },
    };

    [Theory]
    [MemberData(nameof(Forged))]
    public void Forged_bytes_are_refused_with_a_reason(int place, string forged, string message)
    {
        byte[] bytes = Convert.FromHexString(AccumulatorRows.Bytes(AccumulatorRows.Of([1, 2, 3])));
        Convert.FromHexString(forged).CopyTo(bytes, place);
        Assert.StartsWith(message, Assert.Throws<FormatException>(() => LogSumExpAccumulator.Read(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tail_without_terms_is_all_zero()
    {
        byte[] bytes = Convert.FromHexString(AccumulatorRows.Bytes(AccumulatorRows.Of([1])));
        foreach (int place in (int[])[24, 31, 80, 127])
        {
            byte[] forged = [.. bytes];
            forged[place] = 1;
            Assert.StartsWith("There is a second largest x", Assert.Throws<FormatException>(() => LogSumExpAccumulator.Read(forged)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Any_bytes_are_refused_or_are_a_state_that_works()
    {
        Random random = new(11);
        int accepted = 0;
        for (int trial = 0; trial < 60_000; trial++)
        {
            double[] x = AccumulatorRows.Row(random.Next(6), random.Next(AccumulatorRows.Count), trial);
            byte[] bytes = Convert.FromHexString(AccumulatorRows.Bytes(AccumulatorRows.Of(x)));
            for (int changes = random.Next(1, 4); changes > 0; changes--)
            {
                // From the version on: a bit, or a byte at either end of its range.
                int place = random.Next(8, bytes.Length);
                bytes[place] = random.Next(4) switch { 0 => 0, 1 => 0xFF, 2 => (byte)random.Next(256), _ => (byte)(bytes[place] ^ (1 << random.Next(8))) };
            }

            LogSumExpAccumulator read;
            try
            {
                read = LogSumExpAccumulator.Read(bytes);
            }
            catch (FormatException)
            {
                continue;
            }

            accepted++;
            Assert.Equal(Convert.ToHexString(bytes), AccumulatorRows.Bytes(read));
            double largest = BitConverter.ToDouble(bytes, 16);
            if (read.Count > 0 && double.IsFinite(largest))
            {
                Assert.True(read.Value >= largest && read.LogSumOfSquares >= 2 * largest, Convert.ToHexString(bytes));
                Assert.True(read.EffectiveSampleSize >= 0 && read.LogMean <= read.Value && !(read.RelativeStandardError < 0), Convert.ToHexString(bytes));
            }

            if (read.Count < 1L << 61)
            {
                read.Merge(in read);
                read.Add<double>([1, -5, 30, 2, 2, 1]);
                Assert.Equal(AccumulatorRows.Bytes(read), AccumulatorRows.Bytes(LogSumExpAccumulator.Read(Convert.FromHexString(AccumulatorRows.Bytes(read)))));
            }
        }

        Assert.InRange(accepted, 1000, 59_000);
    }
}
