namespace LogDomain.Tests.Primitives;

public class GroupedLogSumExpTests
{
    [Fact]
    public void Groups_are_the_sums_of_their_terms_in_the_order_in_which_their_keys_came()
    {
        GroupedLogSumExp<string> groups = new();
        groups.Add("b", 1);
        groups.Add<double>(["a", "a", "b", "c", "a"], [0, -1, 2, double.NegativeInfinity, 5]);
        Assert.Equal(["b", "a", "c"], groups.Select(group => group.Key));
        Assert.Equal(3, groups.Count);
        Assert.Equal(AccumulatorRows.Of([1, 2]), groups["b"]);
        Assert.Equal(AccumulatorRows.Of([0, -1, 5]), groups["a"]);
        Assert.Equal(1, groups["c"].Count);
    }

    [Fact]
    public void Parts_merged_in_any_order_have_the_same_bits_in_every_group()
    {
        Random random = new(1);
        int[] keys = [.. Enumerable.Range(0, 20_000).Select(i => random.Next(50) * (random.Next(3) == 0 ? 0 : 1))];
        float[] x = [.. keys.Select(key => (float)(key + (8 * random.NextDouble())))];
        GroupedLogSumExp<int> whole = new();
        whole.Add<float>(keys, x);
        for (int trial = 0; trial < 20; trial++)
        {
            GroupedLogSumExp<int>[] parts = [new(), new(), new(), new()];
            for (int start = 0; start < x.Length;)
            {
                int end = Math.Min(x.Length, start + random.Next(1, 500));
                parts[random.Next(4)].Add<float>(keys.AsSpan(start..end), x.AsSpan(start..end));
                start = end;
            }

            GroupedLogSumExp<int> merged = new();
            random.Shuffle(parts);
            foreach (GroupedLogSumExp<int> part in parts)
            {
                merged.Merge(part);
            }

            Assert.Equal(whole.Count, merged.Count);
            Assert.All(whole, group => Assert.Equal(AccumulatorRows.Bytes(group.Value), AccumulatorRows.Bytes(merged[group.Key])));
            Assert.Equal(parts.SelectMany(part => part.Select(group => group.Key)).Distinct(), merged.Select(group => group.Key));
        }
    }

    [Fact]
    public void A_comparer_decides_which_keys_are_equal()
    {
        GroupedLogSumExp<string> groups = new(StringComparer.OrdinalIgnoreCase);
        groups.Add<float>(["x", "X", "y"], [1, 2, 3]);
        Assert.Equal(["x", "y"], groups.Select(group => group.Key));
        Assert.Equal(2, groups["X"].Count);
    }

    [Fact]
    public void States_can_be_merged_into_groups_and_groups_into_themselves()
    {
        GroupedLogSumExp<int> groups = new();
        groups.Merge(7, AccumulatorRows.Of([1, 2]));
        groups.Merge(groups);
        Assert.Equal(AccumulatorRows.Of([1, 2, 1, 2]), groups[7]);
        Assert.True(groups.TryGetValue(7, out LogSumExpAccumulator state));
        Assert.Equal(4, state.Count);
    }

    [Fact]
    public void What_is_missing_or_does_not_fit_is_refused()
    {
        GroupedLogSumExp<string> groups = new();
        groups.Add("a", 1);
        Assert.Contains("There is no group b among the 1.", Assert.Throws<KeyNotFoundException>(() => groups["b"]).Message, StringComparison.Ordinal);
        Assert.False(groups.TryGetValue("b", out _));
        ArgumentException e = Assert.Throws<ArgumentException>("x", () => groups.Add<double>(["a", "b"], [1, 2, 3]));
        Assert.StartsWith("x has 3 elements, but 2 were expected, one for each key.", e.Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => groups.Add<System.Runtime.InteropServices.NFloat>([], []));
        Assert.Throws<ArgumentNullException>("other", () => groups.Merge(null!));
        Assert.Single(groups);
        Assert.Equal(1, groups["a"].Count);
    }
}
