using CsCheck;

namespace LogDomain.Tests.Primitives;

/// <summary>One state, bit for bit, for any order, any cut and any tree of merges.</summary>
public class AccumulatorOrderTests
{
    public static TheoryData<int> Kinds => [.. Enumerable.Range(0, AccumulatorRows.Count)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_thousand_random_cuts_and_trees_of_merges_give_the_same_bits(int kind)
    {
        double[] x = AccumulatorRows.Row(2500, kind, seed: kind);
        string expected = AccumulatorRows.Bytes(AccumulatorRows.Of(x));
        Random random = new(kind);
        for (int trial = 0; trial < 1000; trial++)
        {
            Assert.Equal(expected, AccumulatorRows.Bytes(RandomTree(x, random, parts: random.Next(1, 12))));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Permutations_and_single_terms_give_the_same_bits(int kind)
    {
        double[] x = AccumulatorRows.Row(1500, kind, seed: 70 + kind);
        string expected = AccumulatorRows.Bytes(AccumulatorRows.Of(x));
        Random random = new(kind);
        for (int trial = 0; trial < 30; trial++)
        {
            random.Shuffle(x);
            LogSumExpAccumulator single = default;
            foreach (double value in x)
            {
                single.Add(value);
            }

            Assert.Equal(expected, AccumulatorRows.Bytes(single));
            Assert.Equal(expected, AccumulatorRows.Bytes(AccumulatorRows.Of(x)));
        }
    }

    [Fact]
    public void Every_length_gives_the_bits_of_single_terms()
    {
        for (int length = 0; length <= 130; length++)
        {
            double[] x = AccumulatorRows.Row(length, kind: length % AccumulatorRows.Count, seed: length);
            LogSumExpAccumulator single = default;
            foreach (double value in x)
            {
                single.Add(value);
            }

            Assert.Equal(AccumulatorRows.Bytes(single), AccumulatorRows.Bytes(AccumulatorRows.Of(x)));
        }
    }

    [Fact]
    public void Floats_and_16_bit_numbers_give_the_bits_of_the_doubles_that_they_are()
    {
        for (int kind = 0; kind < AccumulatorRows.Count; kind++)
        {
            double[] row = AccumulatorRows.Row(1100, kind, seed: kind);
            Check<float>(row);
            Check<Half>(row);
            Check<BFloat16>(row);
        }

        static void Check<T>(double[] row)
            where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
        {
            T[] narrow = [.. row.Select(T.CreateTruncating)];
            LogSumExpAccumulator sum = default;
            sum.Add<T>(narrow);
            Assert.Equal(AccumulatorRows.Bytes(AccumulatorRows.Of([.. narrow.Select(double.CreateTruncating)])), AccumulatorRows.Bytes(sum));
        }
    }

    private static readonly Gen<double> Number = Gen.Frequency(
        (200, Gen.Double[-40, 40]), (100, Gen.Double[-800, 800]), (20, Gen.Double.Where(double.IsFinite)),
        (20, Gen.OneOf(Gen.Const(double.NegativeInfinity), Gen.Const(0.0), Gen.Const(-0.0), Gen.Const(1e20), Gen.Const(-1e20))),
        (1, Gen.OneOf(Gen.Const(double.PositiveInfinity), Gen.Const(double.NaN))));

    private static readonly Gen<LogSumExpAccumulator> State = Number.Array[0, 40].Select(x => AccumulatorRows.Of(x));

    [Fact]
    public void Merging_is_commutative() => Gen.Select(State, State).Sample((a, b) => Same(Merged(a, b), Merged(b, a)));

    [Fact]
    public void Merging_is_associative() =>
        Gen.Select(State, State, State).Sample((a, b, c) => Same(Merged(Merged(a, b), c), Merged(a, Merged(b, c))));

    [Fact]
    public void The_default_is_the_identity() => State.Sample(a => Same(Merged(a, default), a) && Same(Merged(default, a), a));

    [Fact]
    public void A_state_merged_with_itself_has_every_term_twice() => Number.Array[0, 40].Sample(x =>
    {
        LogSumExpAccumulator sum = AccumulatorRows.Of(x);
        sum.Merge(in sum);
        return Same(sum, AccumulatorRows.Of([.. x, .. x]));
    });

    private static bool Same(in LogSumExpAccumulator a, in LogSumExpAccumulator b) => AccumulatorRows.Bytes(a) == AccumulatorRows.Bytes(b);

    private static LogSumExpAccumulator Merged(LogSumExpAccumulator a, in LogSumExpAccumulator b)
    {
        a.Merge(b);
        return a;
    }

    /// <summary>The terms shuffled into parts, and two parts at a time merged until one is left.</summary>
    private static LogSumExpAccumulator RandomTree(double[] x, Random random, int parts)
    {
        List<LogSumExpAccumulator> states = [];
        for (int start = 0, part = 0; part < parts; part++)
        {
            int end = part == parts - 1 ? x.Length : random.Next(start, x.Length + 1);
            states.Add(AccumulatorRows.Of(x.AsSpan(start..end)));
            start = end;
        }

        while (states.Count > 1)
        {
            int from = random.Next(states.Count);
            LogSumExpAccumulator taken = states[from];
            states.RemoveAt(from);
            int to = random.Next(states.Count);
            states[to] = Merged(states[to], taken);
        }

        return states[0];
    }
}
