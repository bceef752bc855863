using System.Numerics;
using LogDomain.Losses;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Lengths;

public sealed class SingleLengthTests() : LengthTests<float>(2048);

public sealed class DoubleLengthTests() : LengthTests<double>(1024);

public sealed class HalfLengthTests() : LengthTests<Half>(2048);

public sealed class BFloat16LengthTests() : LengthTests<BFloat16>(2048);

/// <summary>
/// Rows of every kind of length: less than a vector, whole vectors, groups and blocks, and a little more or less than those. What is left of a row
/// that is no whole vector, group or block goes ways of its own.
/// </summary>
public abstract class LengthTests<T>(int block)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int AllUpTo = 300;
    private const int Alignments = 16;

    private int Longest => (4 * block) + 17;

    [Fact]
    public void Results_are_the_same_at_every_alignment()
    {
        T[] all = Sample.Normal<T>(Longest, seed: 5);
        int room = (Longest + Alignments) * 8;
        using GuardedPages input = new(room), output = new(room);
        Span<T> x = input.First<T>(Longest + Alignments), y = output.First<T>(Longest + Alignments);
        foreach (int length in Lengths(group: 64).Append(Longest))
        {
            T[] softMax = new T[length], logSoftMax = new T[length], gradient = new T[length];
            T logSumExp = default, loss = default;
            for (int offset = 0; offset < Alignments; offset++)
            {
                // The results lie as far from a boundary as the row does, or a lane off it in turn.
                Span<T> row = x.Slice(offset, length), destination = y.Slice(offset ^ (length & 1), length);
                all.AsSpan(0, length).CopyTo(row);
                string place = $"{length} elements from {offset}";
                Expect(ref logSumExp, LogPrimitives.LogSumExp<T>(row), offset, place);
                LogPrimitives.SoftMax<T>(row, destination);
                Expect(softMax, destination, offset, place);
                LogPrimitives.LogSoftMax<T>(row, destination);
                Expect(logSoftMax, destination, offset, place);
                if (length > 0)
                {
                    Expect(ref loss, CrossEntropy.LossAndGradient<T>(row, [length / 3], destination), offset, place);
                    Expect(gradient, destination, offset, place);
                }
            }
        }
    }

    [Fact]
    public void Results_are_within_their_limits_at_every_length()
    {
        WorstError<T> logSumExp = new(), softMax = new(), logSoftMax = new(), loss = new(), gradient = new();
        foreach (int length in Lengths(group: block).Append(Longest).Where(length => length > 0))
        {
            T[] row = Sample.Normal<T>(length, seed: length);
            double[] wide = ExactLogDomain.Widen<T>(row);
            DoubleDouble exact = ExactLogDomain.LogSumExp<DoubleDouble>(wide);
            double scale = typeof(T) == typeof(double) ? Math.Max(wide.Max(), Math.Log(length)) : 0;
            logSumExp.SeeAgainst(LogPrimitives.LogSumExp<T>(row), exact, Math.Max(scale, Math.Abs(exact.ToDouble())), () => $"{length} elements");
            int target = length / 3;
            T[] y = new T[length];
            loss.See(CrossEntropy.LossAndGradient<T>(row, [target], y), ExactLogDomain.CrossEntropy<DoubleDouble>(wide, target), () => $"{length} elements");
            See(gradient, y, ExactLogDomain.CrossEntropyGradient<DoubleDouble>(wide, target));
            LogPrimitives.SoftMax<T>(row, y);
            See(softMax, y, ExactLogDomain.SoftMax<DoubleDouble>(wide));
            LogPrimitives.LogSoftMax<T>(row, y);
            See(logSoftMax, y, ExactLogDomain.LogSoftMax<DoubleDouble>(wide));
        }

        logSumExp.AssertWithin(Limits<T>.LogSumExp);
        softMax.AssertWithin(Limits<T>.SoftMax);
        logSoftMax.AssertWithin(Limits<T>.LogSoftMax);
        loss.AssertWithin(Limits<T>.CrossEntropy);
        gradient.AssertWithin(Limits<T>.CrossEntropy);
    }

    /// <summary>All short lengths, and those within two of a multiple of the group or of the block.</summary>
    private IEnumerable<int> Lengths(int group) =>
        Enumerable.Range(0, Longest).Where(n => n <= AllUpTo || (n + 2) % group <= 4 || (n + 2) % block <= 4);

    private static void See(WorstError<T> worst, T[] actual, DoubleDouble[] exact)
    {
        for (int i = 0; i < actual.Length; i++)
        {
            int shown = i;
            worst.See(actual[i], exact[i], () => $"{actual.Length} elements, element {shown}");
        }
    }

    private static void Expect(ref T expected, T actual, int offset, string input)
    {
        expected = offset == 0 ? actual : expected;
        Bits.AssertSame<T>([expected], [actual], input);
    }

    private static void Expect(T[] expected, Span<T> actual, int offset, string input)
    {
        if (offset == 0)
            actual.CopyTo(expected);

        Bits.AssertSame<T>(expected, actual, input);
    }
}
