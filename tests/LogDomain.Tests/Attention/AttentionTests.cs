using System.Numerics;
using LogDomain.Attention;

namespace LogDomain.Tests.Attention;

/// <summary>Attention against its definition in double: sizes, heads, every option, alone and together.</summary>
public class AttentionTests
{
    /// <summary>Every head size with some lengths, every length with some head sizes; plain, grouped and multi-query heads by turns.</summary>
    public static TheoryData<int, int, int, int, int> Grid()
    {
        int[] sizes = [32, 40, 59, 64, 80, 96, 111, 128, 160, 192, 256], lengths = [1, 3, 64, 97, 113, 128, 200, 339, 512, 1023, 1024, 2048];
        TheoryData<int, int, int, int, int> grid = [];
        for (int i = 0; i < sizes.Length; i++)
        {
            for (int j = 0; j < lengths.Length; j++)
            {
                // Few queries of long rows, and all where that is cheap: the reference is slow.
                int keys = lengths[j], queries = lengths[(i + j) % lengths.Length];
                queries = (long)queries * keys > 40_000 ? Math.Max(1, 40_000 / keys) : queries;
                (int heads, int keyValueHeads) = ((i + j) % 3) switch { 0 => (2, 2), 1 => (4, 2), _ => (3, 1) };
                grid.Add(heads, keyValueHeads, queries, keys, sizes[i]);
            }
        }

        return grid;
    }

    [Theory]
    [MemberData(nameof(Grid))]
    public void Errors_are_at_most_those_of_a_naive_implementation(int heads, int keyValueHeads, int queries, int keys, int size)
    {
        AttentionInputs<float> inputs = new(new(1, heads, keyValueHeads, queries, keys, size, size), seed: queries + (31 * keys) + size);
        foreach (bool isCausal in (bool[])[false, true])
        {
            AttentionOptions options = new() { IsCausal = isCausal, Alignment = CausalAlignment.TopLeft };
            AttentionReference reference = inputs.Reference(options);
            (float[] output, float[] logSumExp) = inputs.Forward(options);
            (float[] naiveOutput, float[] naiveLogSumExp) = AttentionReference.Naive(inputs.Query, inputs.Key, inputs.Value, inputs.Shape, isCausal);

            Compare(output, naiveOutput, reference.Output, 1.2e-7);
            Compare(logSumExp, naiveLogSumExp, reference.LogSumExp, 4.8e-7);
        }

        // The largest of thousands of errors has its luck, a quarter more or less with another seed, and where all is exact, as with a single key, there is the last rounding. The mean has no luck.
        static void Compare(float[] ours, float[] naive, double[] exact, double rounding)
        {
            Assert.True(Error(ours, exact) <= (1.25 * Error(naive, exact)) + (2 * rounding), $"largest error {Error(ours, exact):E2}, naive {Error(naive, exact):E2}");
            Assert.True(MeanError(ours, exact) <= Math.Max(MeanError(naive, exact), rounding / 2), $"mean error {MeanError(ours, exact):E2}, naive {MeanError(naive, exact):E2}");
        }
    }

    private static double MeanError(float[] actual, double[] expected) => Math.Sqrt(expected.Select((x, i) => (x - actual[i]) * (x - actual[i])).Where(x => !double.IsNaN(x)).Average());

    public static TheoryData<string> OptionNames => [.. Options(new(1, 1, 1, 1, 1, 1, 1)).Keys];

    /// <summary>Every option, and all together.</summary>
    internal static Dictionary<string, AttentionOptions> Options(in AttentionShape shape)
    {
        int batch = shape.Batch, heads = shape.Heads, queries = shape.QueryLength, keys = shape.KeyLength;
        Random random = new(7);
        ScoreGrid<bool> mask = new(Bools(batch * heads * queries * keys), batch, heads, queries, keys), keyMask = new(Bools(batch * keys), batch, 1, 1, keys), queryMask = new(Bools(queries), 1, 1, queries, 1);
        ScoreGrid<float> bias = new(Floats(heads * queries * keys), 1, heads, queries, keys), keyBias = new(Floats(batch * keys), batch, 1, 1, keys);
        float[] slopes = Alibi.Slopes(heads), sinks = Floats(heads);
        return new()
        {
            ["scale"] = new() { Scale = 0.7 },
            ["negative scale"] = new() { Scale = -0.3 },
            ["negative scale, causal"] = new() { Scale = -0.3, IsCausal = true, Alignment = CausalAlignment.BottomRight },
            ["scale 0"] = new() { Scale = 0 },
            ["causal, top left"] = new() { IsCausal = true, Alignment = CausalAlignment.TopLeft },
            ["causal, bottom right"] = new() { IsCausal = true, Alignment = CausalAlignment.BottomRight },
            ["causal, at a place"] = new() { IsCausal = true, QueryPosition = -3 },
            ["window"] = new() { WindowBefore = 5, WindowAfter = 2, Alignment = CausalAlignment.BottomRight },
            ["causal window"] = new() { IsCausal = true, WindowBefore = 40, Alignment = CausalAlignment.TopLeft },
            ["mask"] = new() { Mask = mask },
            ["mask of keys"] = new() { Mask = keyMask },
            ["mask of queries"] = new() { Mask = queryMask },
            ["bias"] = new() { Bias = bias },
            ["bias of keys"] = new() { Bias = keyBias },
            ["softcap"] = new() { Softcap = 1.5 },
            ["ALiBi"] = new() { AlibiSlopes = slopes, Alignment = CausalAlignment.BottomRight },
            ["sinks"] = new() { Sinks = sinks },
            ["all"] = new()
            {
                Scale = 0.4,
                IsCausal = true,
                Alignment = CausalAlignment.BottomRight,
                WindowBefore = 100,
                Mask = mask,
                Bias = bias,
                Softcap = 2,
                AlibiSlopes = slopes,
                Sinks = sinks,
            },
        };

        bool[] Bools(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(4) != 0)];
        float[] Floats(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((4 * random.NextDouble()) - 2))];
    }

    /// <summary>Shapes for every kernel: few rows, many rows, panels at their edges, more keys than a tile, grouped heads.</summary>
    internal static readonly AttentionShape[] Shapes =
    [
        new(1, 1, 1, 1, 1, 8, 8),
        new(2, 2, 1, 3, 70, 20, 33),
        new(2, 4, 2, 5, 131, 16, 24),
        new(1, 3, 3, 50, 47, 17, 9),
        new(2, 2, 2, 61, 300, 32, 32),
        new(1, 2, 1, 230, 140, 24, 40),
    ];

    [Theory]
    [MemberData(nameof(OptionNames))]
    public void Every_option_is_what_its_definition_says(string name)
    {
        foreach (AttentionShape shape in Shapes)
        {
            Check<float>(shape, name, 3e-6, 3e-6);
            Check<Half>(shape, name, 2e-3, 3e-6);
            Check<BFloat16>(shape, name, 2e-2, 3e-6);
            CheckDouble(shape, name);
        }
    }

    private static void Check<T>(in AttentionShape shape, string name, double bound, double logSumExpBound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        AttentionInputs<T> inputs = new(shape, seed: 3);
        AttentionOptions options = Options(shape)[name];
        AttentionReference reference = inputs.Reference(options);
        (T[] output, float[] logSumExp) = inputs.Forward(options);
        AssertNear(reference.Output, AttentionInputs<T>.Doubles(output), bound, $"{typeof(T)} {shape}");
        AssertNear(reference.LogSumExp, AttentionInputs<float>.Doubles(logSumExp), logSumExpBound, $"log-sum-exp, {typeof(T)} {shape}");
    }

    private static void CheckDouble(in AttentionShape shape, string name)
    {
        AttentionInputs<double> inputs = new(shape, seed: 3);
        AttentionOptions options = Options(shape)[name];
        AttentionReference reference = inputs.Reference(options);
        double[] output = new double[inputs.OutputLength], logSumExp = new double[inputs.Rows];
        ScaledDotProductAttention.Forward(inputs.Query, inputs.Key, inputs.Value, output, logSumExp, shape, options);
        AssertNear(reference.Output, output, 1e-14, $"{shape}");
        AssertNear(reference.LogSumExp, logSumExp, 1e-14, $"log-sum-exp, {shape}");
    }

    internal readonly struct Wave(double size) : IAttentionScore
    {
        public double Score(double score, int batch, int head, int query, int key) => key == 2 ? double.NegativeInfinity : score + (size * Math.Sin(score + head + query - key + batch));

        public double Derivative(double score, int batch, int head, int query, int key) => 1 + (size * Math.Cos(score + head + query - key + batch));
    }

    [Fact]
    public void A_function_of_the_caller_comes_after_the_bias_and_before_the_masks()
    {
        foreach (AttentionShape shape in Shapes)
        {
            foreach (string name in (string[])["scale", "all"])
            {
                AttentionInputs<float> inputs = new(shape, seed: 3);
                AttentionOptions options = Options(shape)[name];
                AttentionReference reference = inputs.Reference(options, new Wave(0.5));
                float[] output = new float[inputs.OutputLength], logSumExp = new float[inputs.Rows];
                ScaledDotProductAttention.Forward<float, Wave>(inputs.Query, inputs.Key, inputs.Value, output, logSumExp, shape, new Wave(0.5), options);

                // Its derivative, up to 1.5, makes the errors of scores larger.
                AssertNear(reference.Output, AttentionInputs<float>.Doubles(output), 4.5e-6, $"{name} {shape}");
                AssertNear(reference.LogSumExp, AttentionInputs<float>.Doubles(logSumExp), 4.5e-6, $"log-sum-exp, {name} {shape}");
            }
        }
    }

    [Fact]
    public void Large_scores_keep_their_digits()
    {
        AttentionInputs<float> inputs = new(new(1, 1, 1, 60, 300, 32, 16), seed: 5, spread: 12);
        AttentionReference reference = inputs.Reference();
        (float[] output, _) = inputs.Forward();
        double naive = Error(AttentionReference.Naive(inputs.Query, inputs.Key, inputs.Value, inputs.Shape, false).Output, reference.Output);
        Assert.InRange(Error(output, reference.Output), 0, naive);
    }

    [Fact]
    public void A_million_keys_lose_nothing()
    {
        // Values of 1 and weights that are all alike: the average is 1, the log-sum-exp the logarithm of the number.
        const int Keys = 1_048_576;
        float[] query = [1, 0], key = new float[2 * Keys], value = new float[Keys], output = new float[1], logSumExp = new float[1];
        value.AsSpan().Fill(1);
        ScaledDotProductAttention.Forward<float>(query, key, value, output, logSumExp, new(1, 1, 1, 1, Keys, 2, 1));
        Assert.Equal(1, output[0]);
        Assert.Equal((float)Math.Log(Keys), logSumExp[0]);

        // Sixteen rows, for the kernel of panels.
        float[] queries = new float[32], outputs = new float[16], sums = new float[16];
        ScaledDotProductAttention.Forward<float>(queries, key, value, outputs, sums, new(1, 1, 1, 16, Keys, 2, 1));
        Assert.All(outputs, x => Assert.Equal(1, x));
        Assert.All(sums, x => Assert.Equal((float)Math.Log(Keys), x));
    }

    internal static double Error(float[] actual, double[] expected)
    {
        double worst = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            worst = actual[i] == expected[i] ? worst : Math.Max(worst, Math.Abs(actual[i] - expected[i]));
        }

        return worst;
    }

    internal static void AssertNear(double[] expected, double[] actual, double bound, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double allowed = bound * (1 + Math.Abs(expected[i]));
            Assert.True(expected[i].Equals(actual[i]) || Math.Abs(expected[i] - actual[i]) <= allowed, $"{what}, element {i}: {actual[i]} instead of {expected[i]}");
        }
    }
}
