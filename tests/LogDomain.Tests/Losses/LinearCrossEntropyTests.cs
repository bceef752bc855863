using System.Numerics;
using LogDomain.Losses;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses;

/// <summary>The loss of logits that are never stored against the loss of the same logits, stored.</summary>
public class LinearCrossEntropyTests
{
    private const int Ignored = -100;

    // Panels of 48 and 24 queries, vectors of 16 and 8, micro-tiles of 8 and 4 keys, tiles of 128, blocks of 512, groups of 384 and ranges of 1,024: on both sides of each.
    private static readonly (int Rows, int Classes, int Features)[] Shapes =
        [(1, 1, 1), (1, 2, 3), (3, 70001, 17), (49, 129, 50), (255, 507, 123), (256, 512, 128), (385, 1030, 16), (20, 5, 97), (800, 12, 7)];

    public static TheoryData<string> Names => [.. Options(1, 1).Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Losses_are_those_of_the_same_logits_stored(string name)
    {
        foreach ((int rows, int classes, int features) in Shapes)
        {
            LinearInputs<float> x = Inputs(rows, classes, features);
            CrossEntropyOptions options = Options(rows, classes)[name];
            double[] logits = x.Logits(withBias: true), exact = new double[rows];
            float[] losses = new float[rows];
            CrossEntropy.LossPerRow<double>(logits, x.Targets, exact, options);
            LinearCrossEntropy.LossPerRow<float>(x.Embeddings, x.Classifier, x.Targets, features, losses, LinearInputs<float>.Options(options), x.Bias);
            for (int row = 0; row < rows; row++)
            {
                // The terms of a loss are at most the size of log-sum-exp and the logits, some 2^-23 of which remain of the sums of e^x and of a transform.
                double size = 1 + Enumerable.Range(0, classes).Max(j => Math.Abs(logits[(row * classes) + j] / options.Temperature)) + Math.Log(classes);
                double weight = options.RowWeights.IsEmpty ? 1 : options.RowWeights.Span[row];
                double limit = (name is "plain" or "row weights" ? 1 : 8) * Math.ScaleB(weight * size * size, -22);
                Assert.True(Math.Abs(losses[row] - exact[row]) <= limit, $"{name}, {rows} x {classes} x {features}, row {row}: {losses[row]:R}, not {exact[row]:R}, within {limit}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_are_those_of_the_same_logits_stored(string name)
    {
        foreach ((int rows, int classes, int features) in Shapes)
        {
            LinearInputs<float> x = Inputs(rows, classes, features);
            CrossEntropyOptions options = Options(rows, classes)[name];
            double[] logits = x.Logits(withBias: true), g = new double[logits.Length];
            _ = CrossEntropy.LossAndGradient<double>(logits, x.Targets, g, options);
            float[] embeddings = Poisoned(x.Embeddings.Length), classifier = Poisoned(x.Classifier.Length), bias = Poisoned(classes);
            LinearCrossEntropyOptions linear = LinearInputs<float>.Options(options);
            float loss = LinearCrossEntropy.LossAndGradient<float>(x.Embeddings, x.Classifier, x.Targets, features, embeddings, classifier, linear, x.Bias, bias);
            Assert.Equal(LinearCrossEntropy.Loss<float>(x.Embeddings, x.Classifier, x.Targets, features, linear, x.Bias), loss);
            string where = $"{name}, {rows} x {classes} x {features}";

            // A derivative is e^(x - max) times a factor, which shows the rounding of x - max and of x / temperature, less a share, beside which it may be small.
            double ulps = 16 + (4 * logits.Max(Math.Abs) / options.Temperature), scale = options.Reduction == Reduction.Sum ? 3 : 1.0 / Math.Max(1, rows - ((rows + 2) / 5));
            double share = 2 * options.LabelSmoothing / Math.Max(1, classes - 1) * scale * (options.ClassWeights.IsEmpty ? 1 : 3.5);
            for (int i = 0; i < embeddings.Length; i++)
            {
                (int row, int k) = (i / features, i % features);
                AssertNear(embeddings[i], LinearInputs<float>.Dot(classes, j => g[(row * classes) + j], j => x.Classifier[(j * features) + k], share), classes, ulps, $"{where}, embedding {row}, {k}");
            }

            for (int i = 0; i < classifier.Length; i++)
            {
                (int j, int k) = (i / features, i % features);
                AssertNear(classifier[i], LinearInputs<float>.Dot(rows, row => g[(row * classes) + j], row => x.Embeddings[(row * features) + k], share), rows, ulps, $"{where}, class {j}, {k}");
            }

            for (int j = 0; j < classes; j++)
                AssertNear(bias[j], LinearInputs<float>.Dot(rows, row => g[(row * classes) + j], _ => 1, share), rows, ulps, $"{where}, bias {j}");
        }
    }

    [Fact]
    public void A_confident_row_keeps_its_loss_and_its_gradient()
    {
        // Logits 40, 0 and 1: the loss is log(1 + e^-40 + e^-39), which 1 + it does not show.
        float[] embeddings = [1], classifier = [40, 0, 1], gradient = new float[3];
        double exact = Math.Exp(-40) + Math.Exp(-39);
        float loss = LinearCrossEntropy.LossAndGradient<float>(embeddings, classifier, [0], 1, [], gradient);
        Assert.Equal(exact, loss, exact * 2e-7);
        Assert.Equal(-exact, gradient[0], exact * 2e-7);
        Assert.Equal(Math.Exp(-39), gradient[2], exact * 2e-7);
    }

    [Fact]
    public void No_bit_depends_on_the_number_of_threads()
    {
        foreach ((int rows, int classes, int features) in ((int, int, int)[])[(3, 7001, 17), (385, 2050, 33), (800, 12, 7)])
        {
            LinearInputs<float> x = Inputs(rows, classes, features);
            float[][] first = Results(1);
            foreach (int threads in (int[])[2, 3, 7, -1])
            {
                float[][] others = Results(threads);
                for (int i = 0; i < first.Length; i++)
                    Bits.AssertSame<float>(first[i], others[i], $"{rows} x {classes} x {features}, {threads} threads, result {i}");
            }

            float[][] Results(int threads)
            {
                float[] embeddings = new float[rows * features], classifier = new float[classes * features], bias = new float[classes], losses = new float[rows];
                LinearCrossEntropyOptions options = LinearInputs<float>.Options(new() { IgnoreIndex = Ignored, ZLoss = 0.01, MaxDegreeOfParallelism = threads });
                float loss = LinearCrossEntropy.LossAndGradient<float>(x.Embeddings, x.Classifier, x.Targets, features, embeddings, classifier, options, x.Bias, bias);
                LinearCrossEntropy.LossPerRow<float>(x.Embeddings, x.Classifier, x.Targets, features, losses, options, x.Bias);
                return [embeddings, classifier, bias, losses, [loss]];
            }
        }
    }

    [Fact]
    public void Rows_that_are_all_ignored_have_no_mean_and_no_gradient()
    {
        LinearInputs<float> x = new(5, 7, 3) { Targets = [Ignored, Ignored, Ignored, Ignored, Ignored] };
        float[] embeddings = Poisoned(15), classifier = Poisoned(21), bias = Poisoned(7), losses = Poisoned(5);
        LinearCrossEntropyOptions mean = LinearInputs<float>.Options(new() { IgnoreIndex = Ignored });
        LinearCrossEntropyOptions sum = LinearInputs<float>.Options(new() { IgnoreIndex = Ignored, Reduction = Reduction.Sum });
        Assert.True(float.IsNaN(LinearCrossEntropy.LossAndGradient<float>(x.Embeddings, x.Classifier, x.Targets, 3, embeddings, classifier, mean, x.Bias, bias)));
        Assert.Equal(0, LinearCrossEntropy.Loss<float>(x.Embeddings, x.Classifier, x.Targets, 3, sum));
        LinearCrossEntropy.LossPerRow<float>(x.Embeddings, x.Classifier, x.Targets, 3, losses, mean);
        Assert.All([.. embeddings, .. classifier, .. bias, .. losses], value => Assert.Equal(0, value));
        Assert.True(float.IsNaN(LinearCrossEntropy.Loss<float>([], x.Classifier, [], 3)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Shifted_targets_are_those_of_later_rows_of_the_same_sequence(int shift)
    {
        const int Length = 6, Sequences = 11, Features = 5, Classes = 13;
        LinearInputs<float> x = Inputs(Length * Sequences, Classes, Features);
        int[] moved = [.. x.Targets.Select((_, row) => (row % Length) + shift < Length ? x.Targets[row + shift] : Ignored)];
        LinearCrossEntropyOptions shifted = new() { Shift = shift, SequenceLength = Length, CrossEntropy = new() { IgnoreIndex = Ignored } };
        LinearCrossEntropyOptions plain = LinearInputs<float>.Options(new() { IgnoreIndex = Ignored });
        float[] gradient = new float[x.Embeddings.Length], expected = new float[x.Embeddings.Length];
        Assert.Equal(
            LinearCrossEntropy.LossAndGradient<float>(x.Embeddings, x.Classifier, moved, Features, expected, [], plain),
            LinearCrossEntropy.LossAndGradient<float>(x.Embeddings, x.Classifier, x.Targets, Features, gradient, [], shifted));
        Assert.Equal(expected, gradient);
    }

    [Fact]
    public void Log_probabilities_log_sum_exps_and_entropies_are_those_of_the_logits()
    {
        foreach ((int rows, int classes, int features) in Shapes)
        {
            LinearInputs<float> x = Inputs(rows, classes, features);
            double[] logits = x.Logits(withBias: true);
            float[] logProbabilities = Poisoned(rows), logSumExps = Poisoned(rows), entropies = Poisoned(rows);
            LinearCrossEntropyOptions options = LinearInputs<float>.Options(new() { IgnoreIndex = Ignored, LabelSmoothing = 0.5, ZLoss = 1 });
            LinearCrossEntropy.LogProbabilities<float>(x.Embeddings, x.Classifier, x.Targets, features, logProbabilities, logSumExps, entropies, options, x.Bias);
            for (int row = 0; row < rows; row++)
            {
                double[] logit = logits[(row * classes)..((row + 1) * classes)];
                double logSumExp = LogPrimitives.LogSumExp<double>(logit), entropy = LogPrimitives.Entropy<double>(logit);
                bool counts = x.Targets[row] != Ignored;
                Assert.Equal(counts ? logSumExp : 0, logSumExps[row], 1e-5);
                Assert.Equal(counts ? entropy : 0, entropies[row], 1e-5);
                Assert.Equal(counts ? logit[x.Targets[row]] - logSumExp : 0, logProbabilities[row], 1e-5);
            }
        }
    }

    [Fact]
    public void A_row_that_is_not_a_number_leaves_the_others_as_they_are()
    {
        LinearInputs<float> x = new(60, 300, 9);
        float[] expected = new float[60], losses = new float[60], expectedGradient = new float[540], gradient = new float[540];
        LinearCrossEntropyOptions sum = LinearInputs<float>.Options(new() { Reduction = Reduction.Sum });
        LinearCrossEntropy.LossPerRow<float>(x.Embeddings, x.Classifier, x.Targets, 9, expected);
        _ = LinearCrossEntropy.LossAndGradient<float>(x.Embeddings, x.Classifier, x.Targets, 9, expectedGradient, [], sum);
        x.Embeddings[(50 * 9) + 4] = float.NaN;
        x.Embeddings[(51 * 9) + 2] = float.PositiveInfinity;
        LinearCrossEntropy.LossPerRow<float>(x.Embeddings, x.Classifier, x.Targets, 9, losses);
        Assert.True(float.IsNaN(LinearCrossEntropy.LossAndGradient<float>(x.Embeddings, x.Classifier, x.Targets, 9, gradient, [], sum)));
        for (int row = 0; row < 60; row++)
        {
            bool isNaN = row is 50 or 51;
            Assert.Equal(isNaN ? float.NaN : expected[row], losses[row]);
            for (int k = 0; k < 9; k++)
                Assert.Equal(isNaN ? float.NaN : expectedGradient[(row * 9) + k], gradient[(row * 9) + k]);
        }
    }

    [Fact]
    public void Logits_that_are_infinite_are_as_in_cross_entropy()
    {
        float inf = float.PositiveInfinity;
        foreach (float[] logits in (float[][])[[0, -inf, 1], [-inf, 0, 1], [-inf, -inf, -inf], [inf, 0, 1], [0, inf, 1], [-inf, -inf, 2], [2, -inf, -inf]])
        {
            for (int target = 0; target < 3; target++)
            {
                // One feature of 1: the logits are the classifier.
                float loss = LinearCrossEntropy.Loss<float>([1], logits, [target], 1);
                Assert.Equal(CrossEntropy.Loss<float>(logits, [target]), loss, 1e-6);
            }
        }
    }

    [Theory]
    [InlineData(typeof(Half))]
    [InlineData(typeof(BFloat16))]
    public void Elements_of_16_bits_give_what_their_floats_give_rounded(Type type)
    {
        if (type == typeof(Half))
            AssertWidened<Half>();
        else
            AssertWidened<BFloat16>();
    }

    [Fact]
    public void The_filter_leaves_out_what_is_smaller_and_no_more()
    {
        // Classes from the third tile on are next to impossible.
        LinearInputs<float> x = Inputs(100, 700, 20);
        x.Bias.AsSpan(256).Fill(-40);
        x.Targets = [.. x.Targets.Select(target => target % 256)];
        CrossEntropyOptions sum = new() { IgnoreIndex = Ignored, Reduction = Reduction.Sum };
        float[] exact = Gradient(0), kept = Gradient(1e-30), filtered = Gradient(Math.ScaleB(1, -12)), nothing = Gradient(2);
        Assert.Equal(exact, kept);
        Assert.All(nothing, value => Assert.Equal(0, value));
        Assert.NotEqual(exact, filtered);
        Assert.Equal(exact[..(2000 + (256 * 20))], filtered[..(2000 + (256 * 20))]);
        for (int i = 0; i < exact.Length; i++)
            Assert.Equal(exact[i], filtered[i], 100 * Math.ScaleB(1, -12));

        float[] Gradient(double filter)
        {
            float[] embeddings = Poisoned(2000), classifier = Poisoned(14000), bias = Poisoned(700);
            LinearCrossEntropyOptions options = new() { CrossEntropy = sum, GradientFilter = filter };
            _ = LinearCrossEntropy.LossAndGradient<float>(x.Embeddings, x.Classifier, x.Targets, 20, embeddings, classifier, options, x.Bias, bias);
            return [.. embeddings, .. classifier, .. bias];
        }
    }

    [Fact]
    public void A_share_of_0_removes_its_term_whatever_the_logit_is()
    {
        // One feature of 1: the logits are the classifier. The target at -infinity has no weight, or hands all of it on.
        float[] logits = [float.NegativeInfinity, 2, 1];
        foreach (CrossEntropyOptions options in (CrossEntropyOptions[])
            [
                new() { ClassWeights = new double[] { 0, 1, 1 }, Reduction = Reduction.Sum },
                new() { LabelSmoothing = 1, LabelSmoothingConvention = LabelSmoothingConvention.OtherClasses, ClassWeights = new double[] { 0, 1, 1 }, Reduction = Reduction.Sum },
            ])
        {
            float expected = CrossEntropy.Loss<float>(logits, [0], options);
            Assert.True(float.IsFinite(expected));
            Assert.Equal(expected, LinearCrossEntropy.Loss<float>([1], logits, [0], 1, LinearInputs<float>.Options(options)), 1e-6);
        }
    }

    [Theory]
    [InlineData(1e4)]
    [InlineData(1e7)]
    [InlineData(1e300)]
    public void A_cap_that_no_logit_comes_near_changes_nothing(double cap)
    {
        LinearInputs<float> x = Inputs(60, 200, 30);
        float[] plain = new float[60], capped = new float[60];
        LinearCrossEntropy.LossPerRow<float>(x.Embeddings, x.Classifier, x.Targets, 30, plain, LinearInputs<float>.Options(new() { IgnoreIndex = Ignored }), x.Bias);
        LinearCrossEntropy.LossPerRow<float>(x.Embeddings, x.Classifier, x.Targets, 30, capped, LinearInputs<float>.Options(new() { IgnoreIndex = Ignored, Softcap = cap }), x.Bias);
        for (int row = 0; row < 60; row++)
            Assert.Equal(plain[row], capped[row], 3e-6);
    }

    [Fact]
    public void What_lies_beside_arguments_and_gradients_is_neither_read_nor_written()
    {
        using GuardedPages ePages = new(1 << 14), cPages = new(1 << 14), gePages = new(1 << 14), gcPages = new(1 << 14);
        foreach ((int rows, int classes, int features) in ((int, int, int)[])[(1, 1, 1), (1, 3, 5), (5, 9, 17), (50, 13, 31), (17, 140, 24)])
        {
            LinearInputs<float> x = new(rows, classes, features);
            float[] ofEmbeddings = new float[rows * features], ofClassifier = new float[classes * features];
            float expected = LinearCrossEntropy.LossAndGradient<float>(x.Embeddings, x.Classifier, x.Targets, features, ofEmbeddings, ofClassifier);
            foreach (bool atEnd in (bool[])[false, true])
            {
                Span<float> e = Place(ePages, rows), c = Place(cPages, classes), ge = Place(gePages, rows), gc = Place(gcPages, classes);
                x.Embeddings.CopyTo(e);
                x.Classifier.CopyTo(c);
                Assert.Equal(expected, LinearCrossEntropy.LossAndGradient<float>(e, c, x.Targets, features, ge, gc));
                Bits.AssertSame<float>([.. ofEmbeddings, .. ofClassifier], [.. ge, .. gc], $"{rows} x {classes} x {features}");

                Span<float> Place(GuardedPages pages, int count) => atEnd ? pages.Last<float>(count * features) : pages.First<float>(count * features);
            }
        }
    }

    [Fact]
    public void Nothing_is_written_behind_the_results()
    {
        LinearInputs<float> x = Inputs(7, 33, 5);
        LinearCrossEntropyOptions options = LinearInputs<float>.Options(new() { IgnoreIndex = Ignored });
        float[] embeddings = Poisoned(35 + 3), classifier = Poisoned(165 + 3), bias = Poisoned(33 + 3), losses = Poisoned(7 + 3);
        float[] logProbabilities = Poisoned(7 + 3), logSumExps = Poisoned(7 + 3), entropies = Poisoned(7 + 3);
        _ = LinearCrossEntropy.LossAndGradient<float>(x.Embeddings, x.Classifier, x.Targets, 5, embeddings, classifier, options, x.Bias, bias);
        LinearCrossEntropy.LossPerRow<float>(x.Embeddings, x.Classifier, x.Targets, 5, losses, options, x.Bias);
        LinearCrossEntropy.LogProbabilities<float>(x.Embeddings, x.Classifier, x.Targets, 5, logProbabilities, logSumExps, entropies, options, x.Bias);
        foreach (float[] result in (float[][])[embeddings, classifier, bias, losses, logProbabilities, logSumExps, entropies])
        {
            Assert.All(result[^3..], value => Assert.True(float.IsNaN(value)));
            Assert.All(result[..^3], value => Assert.False(float.IsNaN(value)));
        }
    }

    [Fact]
    public void Arguments_that_do_not_fit_are_refused_and_nothing_is_written()
    {
        float[] e = new float[6], c = new float[9], written = Poisoned(9);
        int[] targets = [0, 2];
        Refused.Assert("features", "features is 0", "at least 1", () => LinearCrossEntropy.Loss<float>(e, c, targets, 0));
        Refused.Assert("embeddings", "6", "4", () => LinearCrossEntropy.Loss<float>(e, c.AsSpan(0, 8), targets, 2));
        Refused.Assert("classifier", "8", "3", () => LinearCrossEntropy.Loss<float>(e, c.AsSpan(0, 8), targets, 3));
        Refused.Assert("bias", "2", "3", () => LinearCrossEntropy.Loss<float>(e, c, targets, 3, bias: new float[2]));
        Refused.Assert("targets", "targets[1] is 3", "3 classes", () => LinearCrossEntropy.Loss<float>(e, c, [0, 3], 3));
        Refused.Assert("options", "Shift is -1", "at least 0", () => LinearCrossEntropy.Loss<float>(e, c, targets, 3, new() { Shift = -1 }));
        Refused.Assert("options", "SequenceLength is 3", "2 rows", () => LinearCrossEntropy.Loss<float>(e, c, targets, 3, new() { SequenceLength = 3 }));
        Refused.Assert("options", "GradientFilter is NaN", "at least 0", () => LinearCrossEntropy.Loss<float>(e, c, targets, 3, new() { GradientFilter = double.NaN }));
        Refused.Assert("options", "Temperature is 0", "above 0", () => LinearCrossEntropy.Loss<float>(e, c, targets, 3, LinearInputs<float>.Options(new() { Temperature = 0 })));
        Refused.Assert("embeddingsGradient", "5", "6", () => LinearCrossEntropy.LossAndGradient<float>(e, c, targets, 3, written.AsSpan(0, 5), written));
        Refused.Assert("classifierGradient", "8", "9", () => LinearCrossEntropy.LossAndGradient<float>(e, c, targets, 3, written.AsSpan(0, 6), written.AsSpan(0, 8)));
        Refused.Assert("classifierGradient", "overlaps", "embeddingsGradient", () => LinearCrossEntropy.LossAndGradient<float>(e, c, targets, 3, written.AsSpan(0, 6), written));
        Refused.Assert("embeddingsGradient", "overlaps", "embeddings", () => LinearCrossEntropy.LossAndGradient<float>(e, c, targets, 3, e, written));
        Refused.Assert("biasGradient", "2", "3", () => LinearCrossEntropy.LossAndGradient<float>(e, c, targets, 3, [], [], null, default, written.AsSpan(0, 2)));
        Refused.Assert("losses", "1", "2", () => LinearCrossEntropy.LossPerRow<float>(e, c, targets, 3, written.AsSpan(0, 1)));
        Refused.Assert("logProbabilities", "1", "2", () => LinearCrossEntropy.LogProbabilities<float>(e, c, targets, 3, written.AsSpan(0, 1)));
        Refused.Assert("entropies", "1", "2", () => LinearCrossEntropy.LogProbabilities<float>(e, c, targets, 3, written.AsSpan(0, 2), default, written.AsSpan(2, 1)));
        Assert.Contains("float, Half or BFloat16", Assert.Throws<NotSupportedException>(() => LinearCrossEntropy.Loss<double>([], [], [], 1)).Message, StringComparison.Ordinal);
        Assert.All(written, value => Assert.True(float.IsNaN(value)));
    }

    private static void AssertWidened<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LinearInputs<T> x = new(100, 600, 37);
        float[] e = [.. x.Embeddings.Select(float.CreateTruncating)], c = [.. x.Classifier.Select(float.CreateTruncating)], b = [.. x.Bias.Select(float.CreateTruncating)];
        T[] embeddings = new T[e.Length], classifier = new T[c.Length], bias = new T[b.Length], losses = new T[100];
        float[] wideEmbeddings = new float[e.Length], wideClassifier = new float[c.Length], wideBias = new float[b.Length], wideLosses = new float[100];
        T loss = LinearCrossEntropy.LossAndGradient<T>(x.Embeddings, x.Classifier, x.Targets, 37, embeddings, classifier, null, x.Bias, bias);
        float wide = LinearCrossEntropy.LossAndGradient<float>(e, c, x.Targets, 37, wideEmbeddings, wideClassifier, null, b, wideBias);
        LinearCrossEntropy.LossPerRow<T>(x.Embeddings, x.Classifier, x.Targets, 37, losses, null, x.Bias);
        LinearCrossEntropy.LossPerRow<float>(e, c, x.Targets, 37, wideLosses, null, b);
        Assert.Equal(T.CreateTruncating(wide), loss);
        Assert.Equal(wideEmbeddings.Select(T.CreateTruncating), embeddings);
        Assert.Equal(wideClassifier.Select(T.CreateTruncating), classifier);
        Assert.Equal(wideLosses.Select(T.CreateTruncating), losses);
        Assert.Equal(wideBias.Select(T.CreateTruncating), bias);
    }

    private static LinearInputs<float> Inputs(int rows, int classes, int features, double spread = 1)
    {
        LinearInputs<float> x = new(rows, classes, features, spread: spread);
        for (int row = 2; row < rows; row += 5)
            x.Targets[row] = Ignored;

        return x;
    }

    private static Dictionary<string, CrossEntropyOptions> Options(int rows, int classes)
    {
        double[] classWeights = [.. Enumerable.Range(0, classes).Select(j => j % 3 == 1 ? 0 : 0.5 + (j % 4))], rowWeights = [.. Enumerable.Range(0, rows).Select(i => i % 7 == 3 ? 0 : 1 + (i % 3))];
        return new()
        {
            ["plain"] = new() { IgnoreIndex = Ignored },
            ["sum"] = new() { IgnoreIndex = Ignored, Reduction = Reduction.Sum },
            ["class weights"] = new() { IgnoreIndex = Ignored, ClassWeights = classWeights },
            ["row weights"] = new() { IgnoreIndex = Ignored, RowWeights = rowWeights },
            ["smoothing"] = new() { IgnoreIndex = Ignored, LabelSmoothing = 0.1 },
            ["smoothing of others"] = new() { IgnoreIndex = Ignored, LabelSmoothing = 0.2, LabelSmoothingConvention = LabelSmoothingConvention.OtherClasses },
            ["z-loss"] = new() { IgnoreIndex = Ignored, ZLoss = 0.01 },
            ["softcap"] = new() { IgnoreIndex = Ignored, Softcap = 3 },
            ["temperature"] = new() { IgnoreIndex = Ignored, Temperature = 0.3 },
            ["everything"] = new()
            {
                IgnoreIndex = Ignored,
                ClassWeights = classWeights,
                RowWeights = rowWeights,
                LabelSmoothing = 0.1,
                ZLoss = 0.01,
                Softcap = 5,
                Temperature = 2,
                Reduction = Reduction.Sum,
            },
        };
    }

    private static float[] Poisoned(int length)
    {
        float[] poisoned = new float[length];
        Array.Fill(poisoned, float.NaN);
        return poisoned;
    }

    /// <summary>
    /// A sum of n products in float: each addition loses at most half an ulp of what has come together, and each derivative some ulps. Errors have both signs, so that the root
    /// of n of them add up.
    /// </summary>
    private static void AssertNear(float actual, (double Sum, double Size) exact, int n, double ulps, string where)
    {
        double limit = (Math.ScaleB(exact.Size, -24) * (ulps + Math.Sqrt(n))) + 1e-37;
        Assert.True(Math.Abs(actual - exact.Sum) <= limit || (double.IsNaN(exact.Sum) && float.IsNaN(actual)), $"{where}: {actual:R}, not {exact.Sum:R}, within {limit:R}");
    }
}
