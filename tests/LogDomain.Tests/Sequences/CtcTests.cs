using LogDomain.Sequences;

namespace LogDomain.Tests.Sequences;

/// <summary>The CTC loss and its gradients.</summary>
public class CtcTests
{
    private static double[] Logits(int count, int seed, double spread = 3)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => spread * ((2 * random.NextDouble()) - 1))];
    }

    private static void Close(double expected, double actual, double tolerance)
    {
        if (double.IsFinite(expected))
        {
            Assert.InRange(actual, expected - tolerance, expected + tolerance);
        }
        else
        {
            Assert.Equal(expected, actual);
        }
    }

    public static TheoryData<int, int, int> Shapes
    {
        get
        {
            TheoryData<int, int, int> data = [];
            for (int frames = 0; frames <= 6; frames++)
            {
                foreach (int classes in (int[])[1, 2, 3, 4])
                {
                    for (int blank = 0; blank < classes; blank += 2)
                    {
                        data.Add(frames, classes, blank);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Loss_and_both_gradients_are_those_of_all_paths(int frames, int classes, int blank)
    {
        double[] x = Logits(frames * classes, seed: (frames * 10) + classes), logP = CtcOracle.LogSoftMax(x, classes), gradient = new double[x.Length];
        foreach (int[] target in CtcOracle.Paths(4, classes + 1).Select(path => path.Where(c => c < classes && c != blank).ToArray()).Distinct(new Same()))
        {
            (double loss, double[] shares) = CtcOracle.Enumerate(logP, classes, target, blank);
            CtcOptions options = new() { Blank = blank };
            Close(loss, Ctc.Loss<double>(x, classes, target, options), 1e-13);
            Close(loss, Ctc.LossAndGradient<double>(x, classes, target, gradient, options), 1e-13);
            for (int i = 0; i < x.Length; i++)
            {
                Close(double.IsFinite(loss) ? Math.Exp(logP[i]) - shares[i] : double.NaN, gradient[i], 1e-13);
            }

            Close(loss, Ctc.LossAndGradient<double>(logP, classes, target, gradient, options with { Input = CtcInput.LogProbabilities }), 1e-13);
            for (int i = 0; i < x.Length; i++)
            {
                Close(double.IsFinite(loss) ? -shares[i] : double.NaN, gradient[i], 1e-13);
            }

            float[] single = [.. x.Select(v => (float)v)], singleGradient = new float[x.Length];
            (loss, shares) = CtcOracle.Enumerate(CtcOracle.LogSoftMax([.. single.Select(v => (double)v)], classes), classes, target, blank);
            Close((float)loss, Ctc.LossAndGradient<float>(single, classes, target, singleGradient, options), Math.Abs(loss) * 1.2e-7);
        }
    }

    [Fact]
    public void Losses_published_with_warp_ctc_and_k2()
    {
        float[] first = [0.2f, 0.2f, 0.2f, 0.2f, 0.2f], second = [-5, -4, -3, -2, -1, -10, -9, -8, -7, -6, -15, -14, -13, -12, -11];
        Assert.Equal(1.6094379425049, Ctc.Loss<float>(first, 5, [1]), 1e-6);
        Assert.Equal(7.355742931366, Ctc.Loss<float>(second, 5, [3, 3]), 1e-6);
        Assert.Equal(4.938850402832, Ctc.Loss<float>(second, 5, [2, 3]), 1e-6);

        // The batch of the three, padded with what must not be read, with the weights of k2's test.
        float[] batch = [.. first, .. Enumerable.Repeat(float.NaN, 10), .. second, .. second], losses = new float[3], gradient = new float[batch.Length], alone = new float[15];
        Ctc.LossAndGradient<float>(batch, 5, [1, 3, 3], [1, 3, 3, 2, 3], [1, 2, 2], losses, gradient, [1, -2, 3.5f]);
        Assert.Equal([1.6094379425049f, 7.355742931366f, 4.938850402832f], losses, (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.All(gradient[5..15], value => Assert.Equal(0, value));
        Ctc.LossAndGradient<float>(second, 5, [2, 3], alone);
        Assert.Equal(alone.Select(value => 3.5f * value), gradient[30..], (a, b) => Math.Abs(a - b) <= 1e-6 * Math.Abs(a));
    }

    /// <summary>warp-ctc, tests/test_cpu.cpp: two sequences of five frames and six classes with the gradients of TensorFlow, of which it prints six digits.</summary>
    [Fact]
    public void Gradients_published_with_warp_ctc()
    {
        float[] probabilities =
        [
            0.633766f, 0.221185f, 0.0917319f, 0.0129757f, 0.0142857f, 0.0260553f, 0.111121f, 0.588392f, 0.278779f, 0.0055756f, 0.00569609f, 0.010436f,
            0.0357786f, 0.633813f, 0.321418f, 0.00249248f, 0.00272882f, 0.0037688f, 0.0663296f, 0.643849f, 0.280111f, 0.00283995f, 0.0035545f, 0.00331533f,
            0.458235f, 0.396634f, 0.123377f, 0.00648837f, 0.00903441f, 0.00623107f,
            0.30176f, 0.28562f, 0.0831517f, 0.0862751f, 0.0816851f, 0.161508f, 0.24082f, 0.397533f, 0.0557226f, 0.0546814f, 0.0557528f, 0.19549f,
            0.230246f, 0.450868f, 0.0389607f, 0.038309f, 0.0391602f, 0.202456f, 0.280884f, 0.429522f, 0.0326593f, 0.0339046f, 0.0326856f, 0.190345f,
            0.423286f, 0.315517f, 0.0338439f, 0.0393744f, 0.0339315f, 0.154046f,
        ];

        // Each target leaves one path: it has the numbers that are not the probabilities.
        float[] expected = [.. probabilities];
        foreach ((int at, float value) in ((int, float)[])[
            (0, -0.366234f), (7, -0.411608f), (14, -0.678582f), (19, -0.356151f), (24, -0.541765f), (30, -0.69824f), (37, -0.602467f), (47, -0.797544f), (49, -0.570478f), (54, -0.576714f)])
        {
            expected[at] = value;
        }

        float[] logits = [.. probabilities.Select(p => MathF.Log(p))], losses = new float[2], gradient = new float[logits.Length];
        Ctc.LossAndGradient<float>(logits, 6, [5, 5], [0, 1, 2, 1, 0, 0, 1, 1, 0], [5, 4], losses, gradient, default, new() { Blank = 5 });
        Assert.Equal(-Math.Log(0.633766 * 0.588392 * 0.321418 * 0.643849 * 0.458235), losses[0], 1e-5);
        Assert.Equal(5.42262, losses[1], 1e-5);
        for (int i = 0; i < gradient.Length; i++)
        {
            Assert.Equal(expected[i], gradient[i], 2e-6);
        }

        // There a token of e^-1e30 costs infinity; here it is what it is.
        float[] far = [.. Enumerable.Range(0, 50 * 15).Select(i => i % 15 == 2 ? -1e30f : i * 7 % 11 / 10f)], of = new float[far.Length];
        Assert.Equal(1e30f, Ctc.LossAndGradient<float>(far, 15, [2, 5, 1, 7, 3, 3, 9, 14, 4, 6], of));
        Assert.All(of, value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void The_derivative_by_log_probabilities_is_zero_for_a_class_that_is_not_in_the_target()
    {
        double[] logP = CtcOracle.LogSoftMax(Logits(9, seed: 1), 3), gradient = new double[9];
        Ctc.LossAndGradient<double>(logP, 3, [1], gradient, new() { Input = CtcInput.LogProbabilities });
        for (int t = 0; t < 3; t++)
        {
            Assert.Equal(0, gradient[(3 * t) + 2]);
            Assert.Equal(-1, gradient[3 * t] + gradient[(3 * t) + 1], 1e-14);
        }
    }

    [Theory]
    [InlineData(40, 7, 12, 2)]
    [InlineData(97, 30, 33, 5)]
    [InlineData(300, 5, 100, 0.1)]
    [InlineData(130, 6, 40, 3000)]
    [InlineData(1400, 9, 90, 2)]
    [InlineData(1, 6, 1, 1)]
    public void Gradient_is_that_of_finite_differences_and_the_loss_that_of_logarithms(int frames, int classes, int tokens, double spread)
    {
        Random random = new(frames);
        double[] x = Logits(frames * classes, seed: tokens, spread), gradient = new double[x.Length];
        int[] target = [.. Enumerable.Range(0, tokens).Select(_ => 1 + random.Next(classes - 1))];
        foreach (CtcInput input in (CtcInput[])[CtcInput.Logits, CtcInput.LogProbabilities])
        {
            CtcOptions options = new() { Input = input };
            double loss = Ctc.LossAndGradient<double>(x, classes, target, gradient, options);
            double expected = CtcOracle.Recurrence(input == CtcInput.Logits ? CtcOracle.LogSoftMax(x, classes) : x, classes, target, 0);
            Assert.True(double.IsFinite(loss));
            Close(expected, loss, (frames + Math.Abs(expected)) * 1e-14);
            for (int k = 0; k < 30 && spread < 100; k++)
            {
                int i = random.Next(x.Length);
                double h = 1e-5, middle = x[i];
                x[i] = middle + h;
                double above = Ctc.Loss<double>(x, classes, target, options);
                x[i] = middle - h;
                double below = Ctc.Loss<double>(x, classes, target, options);
                x[i] = middle;
                Assert.Equal((above - below) / (2 * h), gradient[i], 1e-7);
            }
        }
    }

    [Theory]
    [InlineData(70, 10)]
    [InlineData(1037, 10)]
    [InlineData(1037, 300)]
    [InlineData(512, 20000)]
    public void Many_classes_of_floats_are_as_those_of_doubles(int classes, double spread)
    {
        const int Frames = 12;
        float[] x = [.. Logits(Frames * classes, seed: classes, spread).Select(v => (float)v)], gradient = new float[x.Length];
        Array.Fill(x, float.NegativeInfinity, classes + 20, 17);
        double[] exact = [.. x.Select(v => (double)v)], expected = new double[x.Length];
        double loss = Ctc.LossAndGradient<double>(exact, classes, [3, 5, 5, 1], expected);
        Assert.Equal(loss, Ctc.LossAndGradient<float>(x, classes, [3, 5, 5, 1], gradient), (Math.Abs(loss) * 6e-8) + (Frames * 3e-8));
        for (int i = 0; i < x.Length; i++)
        {
            Assert.True(Math.Abs(gradient[i] - expected[i]) <= (Math.Abs(expected[i]) * 3e-7) + 3e-8, $"{i}: {gradient[i]} instead of {expected[i]}");
        }

        Assert.All(gradient[(classes + 20)..(classes + 37)], value => Assert.Equal(0, value));
        x[classes - 1] = float.NaN;
        Assert.Equal(float.NaN, Ctc.LossAndGradient<float>(x, classes, [3, 5, 5, 1], gradient));
        Assert.All(gradient, value => Assert.Equal(float.NaN, value));
    }

    [Fact]
    public void Exponents_follow_paths_that_fall_behind()
    {
        // Blanks are likely and labels are not, so that each place is far below the one before, and then the other way round.
        foreach (double far in (double[])[3, 20, 60, 80, 100, 300])
        {
            double[] x = new double[600 * 3], gradient = new double[x.Length];
            for (int t = 0; t < 600; t++)
            {
                x[(t * 3) + (t < 300 ? 0 : 1 + (t % 2))] = far;
            }

            int[] target = [.. Enumerable.Range(0, 150).Select(i => 1 + (i % 2))];
            double expected = CtcOracle.Recurrence(CtcOracle.LogSoftMax(x, 3), 3, target, 0), loss = Ctc.LossAndGradient<double>(x, 3, target, gradient);
            Close(expected, loss, (600 + Math.Abs(expected)) * 1e-14);
            for (int t = 0; t < 600; t++)
            {
                Assert.Equal(0, gradient[t * 3] + gradient[(t * 3) + 1] + gradient[(t * 3) + 2], 1e-12);   // softmax less shares, both of which add up to 1
            }
        }
    }

    [Fact]
    public void Paths_of_any_distance_are_kept()
    {
        // The only path is e^-40000 of the best of every frame but the last, in which it is the only one.
        double no = double.NegativeInfinity;
        double[] logP = [0, -20000, 0, -20000, no, 0];
        Assert.Equal(20000, Ctc.Loss<double>(logP, 2, [1, 1], new() { Input = CtcInput.LogProbabilities }));
        Assert.Equal(1e300, Ctc.Loss<double>([-1e300, 0], 2, []));
        Assert.Equal(1e30f, Ctc.Loss<float>([0, -1e30f], 2, [1]));
        Assert.Equal(0, Ctc.Loss<float>([1e30f, -1e30f], 2, []));
    }

    [Fact]
    public void Targets_that_do_not_fit_and_empty_ones()
    {
        float[] x = [0, 1, 2, 0, 1, 2], gradient = [7, 7, 7, 7, 7, 7];
        Assert.Equal(float.PositiveInfinity, Ctc.LossAndGradient<float>(x, 3, [1, 1], gradient));
        Assert.All(gradient, value => Assert.Equal(float.NaN, value));
        Assert.Equal(0, Ctc.LossAndGradient<float>(x, 3, [1, 1], gradient, new() { ZeroInfinity = true }));
        Assert.All(gradient, value => Assert.Equal(0, value));
        Assert.Equal(float.PositiveInfinity, Ctc.Loss<float>([], 3, [1]));
        Assert.Equal(0, Ctc.Loss<float>([], 3, []));
        Assert.Equal(2 * Math.Log(1 + Math.E + (Math.E * Math.E)), Ctc.Loss<float>(x, 3, []), 1e-6);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void NaN_gives_NaN_for_its_sequence_alone(float bad)
    {
        float[] x = [0, 1, 2, bad, 1, 2, 0, 1, 2, 0, 1, 2], losses = new float[2], gradient = new float[12];
        foreach (bool zero in (bool[])[false, true])
        {
            Ctc.LossAndGradient<float>(x, 3, [2, 2], [1, 2], [1, 1], losses, gradient, default, new() { ZeroInfinity = zero });
            Assert.Equal(float.NaN, losses[0]);
            Assert.All(gradient[..6], value => Assert.Equal(float.NaN, value));
            Assert.True(float.IsFinite(losses[1]));
            Assert.All(gradient[6..], value => Assert.True(float.IsFinite(value)));
        }
    }

    [Fact]
    public void Threads_do_not_change_a_bit()
    {
        float[] x = [.. Logits(8 * 60 * 20, seed: 3).Select(v => (float)v)], one = new float[x.Length], many = new float[x.Length], losses = new float[8], others = new float[8];
        int[] targets = [.. Enumerable.Range(0, 8 * 15).Select(i => 1 + (i * i % 19))], lengths = [.. Enumerable.Repeat(15, 8)], frames = [60, 60, 59, 33, 60, 1, 0, 60];
        Ctc.LossAndGradient<float>(x, 20, frames, targets, lengths, losses, one, default, new() { MaxDegreeOfParallelism = 1 });
        Ctc.LossAndGradient<float>(x, 20, frames, targets, lengths, others, many, default, new() { MaxDegreeOfParallelism = 4 });
        Assert.Equal(losses, others);
        Assert.Equal(one, many);
    }

    [Fact]
    public void Errors_name_the_argument_and_the_value()
    {
        float[] x = new float[6];
        Assert.Contains("targets[1] is 0, the blank", Assert.Throws<ArgumentOutOfRangeException>(() => Ctc.Loss<float>(x, 3, [1, 0])).Message, StringComparison.Ordinal);
        Assert.Contains("targets[0] is 3, not a class", Assert.Throws<ArgumentOutOfRangeException>(() => Ctc.Loss<float>(x, 3, [3])).Message, StringComparison.Ordinal);
        Assert.Contains("Blank is 3", Assert.Throws<ArgumentOutOfRangeException>(() => Ctc.Loss<float>(x, 3, [1], new() { Blank = 3 })).Message, StringComparison.Ordinal);
        Assert.Contains("6 elements", Assert.Throws<ArgumentException>(() => Ctc.Loss<float>(x, 4, [1])).Message, StringComparison.Ordinal);
        Assert.Contains("frameLengths[0] is 3", Assert.Throws<ArgumentOutOfRangeException>(() => Ctc.Loss<float>(x, 3, [3], [1], [1], new float[1])).Message, StringComparison.Ordinal);
        Assert.Contains("add up to 2", Assert.Throws<ArgumentException>(() => Ctc.Loss<float>(x, 3, [2], [1], [2], new float[1])).Message, StringComparison.Ordinal);
        Assert.Contains("overlaps", Assert.Throws<ArgumentException>(() => Ctc.LossAndGradient<float>(x, 3, [1], x)).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => Ctc.Loss<Half>([], 3, []));
    }

    private sealed class Same : IEqualityComparer<int[]>
    {
        public bool Equals(int[]? x, int[]? y) => x!.SequenceEqual(y!);

        public int GetHashCode(int[] obj) => obj.Aggregate(0, HashCode.Combine);
    }
}
