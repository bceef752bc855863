using LogDomain.Losses;

namespace LogDomain.Tests.Losses;

/// <summary>
/// PyTorch's semantics case by case, each with its number: from the definition in exact arithmetic (mpmath, 40 digits). The numbers of reports are those of
/// their trackers.
/// </summary>
public class CrossEntropySemanticsTests
{
    private static readonly double[] Row = [1, 2, 3], Rows = [1, 2, 3, 3, 1, 0, 0, 0, 5], Weights = [0.5, 2, 1], Probabilities = [0.2, 0.3, 0.5];

    [Fact]
    public void Label_smoothing_gives_a_part_to_every_class() =>
        Near(2.3076059644443803045, CrossEntropy.Loss<double>(Row, [0], new() { LabelSmoothing = 0.1 }));

    [Fact]
    public void Label_smoothing_gives_a_part_to_every_other_class_in_the_other_convention() =>
        Near(2.2576059644443803045, CrossEntropy.Loss<double>(
            Row, [0], new() { LabelSmoothing = 0.1, LabelSmoothingConvention = LabelSmoothingConvention.OtherClasses }));

    [Fact]
    public void The_sum_is_weighted_by_the_weight_of_the_target() =>
        Near(2.815211928888760609, CrossEntropy.Loss<double>(Row, [1], new() { ClassWeights = Weights, Reduction = Reduction.Sum }));

    [Fact]
    public void The_mean_divides_by_the_weight_of_the_target() =>
        Near(2.815211928888760609 / 2, CrossEntropy.Loss<double>(Row, [1], new() { ClassWeights = Weights }));

    [Fact]
    public void Smoothing_weighs_each_class_by_its_own_weight() =>
        Near(1.2309767131851488392, CrossEntropy.Loss<double>(
            Row, [0], new() { ClassWeights = Weights, LabelSmoothing = 0.1, Reduction = Reduction.Sum }));

    [Fact]
    public void The_mean_with_weights_and_smoothing_divides_by_the_weights_of_the_targets() =>
        Near(3.9369456603905189461, CrossEntropy.Loss<double>(Rows, [0, 2, 1], new() { ClassWeights = Weights, LabelSmoothing = 0.1 }));

    // pytorch#73205: ignored rows used to have a share of the smoothing.
    [Fact]
    public void Ignored_rows_are_not_smoothed_and_do_not_divide() =>
        Near(4.2693198765938370274, CrossEntropy.Loss<double>(
            Rows, [0, -100, 1], new() { ClassWeights = Weights, LabelSmoothing = 0.1, IgnoreIndex = -100 }));

    // pytorch#63004: an index that is a class masks rows, not the class.
    [Fact]
    public void An_ignored_class_stays_in_the_denominator() =>
        Near(2.4076059644443803045, CrossEntropy.Loss<double>([1, 2, 3, 1, 2, 3], [0, 2], new() { IgnoreIndex = 2 }));

    [Fact]
    public void Target_probabilities_are_weighted_and_smoothed_as_they_are_and_divided_by_rows()
    {
        Near(1.1076059644443803045, CrossEntropy.Loss<double>(Row, Probabilities, 3));
        Near(1.2891271573332563654, CrossEntropy.Loss<double>(Row, Probabilities, 3, new() { ClassWeights = Weights }));
        Near(1.307768470785108431, CrossEntropy.Loss<double>(Row, Probabilities, 3, new() { ClassWeights = Weights, LabelSmoothing = 0.1 }));
        Near(1.1076059644443803045, CrossEntropy.Loss<double>([.. Row, .. Row], [.. Probabilities, .. Probabilities], 3));
    }

    [Fact]
    public void Z_loss_adds_the_square_of_log_sum_exp() =>
        Near(2.523723748533549457, CrossEntropy.Loss<double>(Row, [0], new() { ZLoss = 0.01 }));

    [Fact]
    public void Softcap_bends_logits_and_temperature_divides_them()
    {
        Near(1.6574226649516147388, CrossEntropy.Loss<double>(Row, [0], new() { Softcap = 2 }));
        Near(4.1429316284998995292, CrossEntropy.Loss<double>(Row, [0], new() { Temperature = 0.5 }));
    }

    [Fact]
    public void Weights_of_rows_multiply_and_divide()
    {
        double[] losses = new double[2];
        CrossEntropyOptions options = new() { RowWeights = new double[] { 3, 1 } };
        CrossEntropy.LossPerRow<double>([1, 2, 3, 1, 2, 3], [0, 2], losses, options);
        Near(3 * 2.4076059644443803045, losses[0]);
        Near(0.4076059644443803045, losses[1]);
        Near((losses[0] + losses[1]) / 4, CrossEntropy.Loss<double>([1, 2, 3, 1, 2, 3], [0, 2], options));
    }

    [Fact]
    public void A_row_of_weight_zero_does_not_count_even_if_it_holds_NaN()
    {
        double[] gradient = [9, 9, 9, 9];
        double loss = CrossEntropy.LossAndGradient<double>([1, 2, double.NaN, 0], [0, 1], gradient, new() { RowWeights = new double[] { 1, 0 } });
        Near(CrossEntropy.Loss<double>([1, 2], [0]), loss);
        Assert.Equal([0.0, 0.0], gradient[2..]);
    }

    // pytorch#116349, #75181: by design.
    [Fact]
    public void The_mean_of_weights_that_add_up_to_zero_is_NaN()
    {
        Assert.True(double.IsNaN(CrossEntropy.Loss<double>(Row, [0], new() { ClassWeights = new double[] { 0, 1, 1 } })));
        Assert.True(double.IsNaN(CrossEntropy.Loss<double>(Row, [-100], new() { IgnoreIndex = -100, LabelSmoothing = 0.1 })));
        Assert.Equal(0, CrossEntropy.Loss<double>(Row, [0], new() { ClassWeights = new double[] { 0, 1, 1 }, Reduction = Reduction.Sum }));
    }

    // Row 6 of the reported cases: PyTorch returns 0 and a gradient of 0.
    [Fact]
    public void A_confident_row_keeps_its_loss_with_probabilities()
    {
        float[] gradient = new float[3];
        Assert.Equal(4.12230738e-09f, CrossEntropy.LossAndGradient<float>([20, 0, 0], [1f, 0, 0], 3, gradient));
        Assert.Equal(1, gradient[0] / -4.1223074e-09, 1e-6);
        Assert.Equal(8.496708510583178e-18, CrossEntropy.Loss<double>([40, 0, 0], [1.0, 0, 0], 3), 1e-32);
    }

    // Rows 19 and 22: a common offset is no part of the loss.
    [Fact]
    public void A_large_offset_changes_nothing_with_probabilities() =>
        Assert.Equal(0.6931472f, CrossEntropy.Loss<float>([1e8f, 1e8f], [0f, 1], 2));

    // PyTorch: NaN, because 0 * -infinity is.
    [Fact]
    public void A_probability_of_zero_removes_a_class_whose_logit_is_minus_infinity()
    {
        double[] gradient = new double[3];
        double loss = CrossEntropy.LossAndGradient<double>([1, 2, double.NegativeInfinity], [0.5, 0.5, 0], 3, gradient);
        Near(0.81326168751822283405, loss);
        Assert.Equal(0, gradient[2]);
        Assert.Equal(double.PositiveInfinity, CrossEntropy.Loss<double>([1, 2, double.NegativeInfinity], [0.5, 0.4, 0.1], 3));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(1100)]
    [InlineData(5000)]
    public void However_small_a_probability_is_its_logit_must_not_be_minus_infinity(int classes)
    {
        float[] logits = new float[classes], probabilities = new float[classes];
        double[] wideLogits = new double[classes], wideProbabilities = new double[classes];
        probabilities[1] = 1;
        wideProbabilities[1] = 1;
        for (int place = 2; place < classes; place += 1 + (classes / 7))
        {
            (logits[place], wideLogits[place]) = (float.NegativeInfinity, double.NegativeInfinity);
            Assert.True(float.IsFinite(CrossEntropy.Loss<float>(logits, probabilities, classes)));
            Assert.True(double.IsFinite(CrossEntropy.Loss<double>(wideLogits, wideProbabilities, classes)));
            (probabilities[place], wideProbabilities[place]) = (float.Epsilon, double.Epsilon);
            Assert.Equal(float.PositiveInfinity, CrossEntropy.Loss<float>(logits, probabilities, classes));
            Assert.Equal(double.PositiveInfinity, CrossEntropy.Loss<double>(wideLogits, wideProbabilities, classes));
            (probabilities[place], wideProbabilities[place]) = (0, 0);
        }
    }

    [Fact]
    public void A_softcap_makes_finite_logits_of_infinite_ones() =>
        Near(
            CrossEntropy.Loss<double>([-2, 2, 0], [0]),
            CrossEntropy.Loss<double>([double.NegativeInfinity, double.PositiveInfinity, 0], [0], new() { Softcap = 2 }));

    // Divided by the temperature the lowest logit is -4.3e38, which float does not hold; a tenth of a third of it is the loss.
    [Fact]
    public void A_transformed_logit_may_leave_the_range_of_float()
    {
        float[] logits = [-3e38f, 4, 3], gradient = new float[3];
        double exact = 0.1 / 3 * 3e38f / 0.7;
        CrossEntropyOptions options = new() { LabelSmoothing = 0.1, Temperature = 0.7 };
        Assert.Equal((float)exact, CrossEntropy.Loss<float>(logits, [2], options), 1e-6 * exact);
        Assert.Equal((float)exact, CrossEntropy.LossAndGradient<float>(logits, [2], logits, options), 1e-6 * exact);
        Assert.Equal(-0.1 / 3 / 0.7, logits[0], 1e-8);
        Assert.True(float.IsFinite(CrossEntropy.LossAndGradient<float>([-3e38f, 4, 3], [2], gradient, new() { Temperature = 0.7 })));
        Assert.Equal(0, gradient[0]);
    }

    [Fact]
    public void Smoothing_gives_infinity_where_a_logit_is_minus_infinity() =>
        Assert.Equal(double.PositiveInfinity, CrossEntropy.Loss<double>([1, 2, double.NegativeInfinity], [0], new() { LabelSmoothing = 0.1 }));

    // Megatron-LM takes log(exp(x - max) / sum), which is -infinity from a gap of 104 on.
    [Fact]
    public void Smoothing_of_a_gap_above_104_is_finite() =>
        Assert.Equal(10, CrossEntropy.Loss<float>([200, 0], [0], new() { LabelSmoothing = 0.1 }));

    [Fact]
    public void One_class_has_no_loss()
    {
        Assert.Equal(0, CrossEntropy.Loss<float>([7], [0], new() { LabelSmoothing = 0.1 }));
        Assert.Equal(0, CrossEntropy.Loss<float>([7], [0], new() { LabelSmoothing = 0.1, LabelSmoothingConvention = LabelSmoothingConvention.OtherClasses }));
        Assert.Equal(0, CrossEntropy.Loss<float>([7], [1f], 1));
    }

    // Row 47: the mean over a large batch.
    [Fact]
    public void The_mean_over_a_million_rows_has_all_its_digits()
    {
        float[] logits = new float[2 << 20];
        Assert.Equal(0.6931472f, CrossEntropy.Loss<float>(logits, new int[1 << 20]));
    }

    // Rows 37 and 44.
    [Fact]
    public void Sixteen_bits_round_once()
    {
        Assert.Equal((Half)11.09, CrossEntropy.Loss<Half>(new Half[65_520], [0]), (a, b) => Half.Abs(a - b) <= (Half)0.008);
        BFloat16 loss = CrossEntropy.Loss<BFloat16>([(BFloat16)1, (BFloat16)2, (BFloat16)3], [0], new() { LabelSmoothing = 0.1 });
        Assert.Equal((BFloat16)2.3076059644443803, loss);
    }

    [Fact]
    public void Options_that_do_not_fit_name_themselves_and_write_nothing()
    {
        double[] gradient = [7, 7, 7];
        Refused("LabelSmoothing is 1.5", new() { LabelSmoothing = 1.5 });
        Refused("Temperature is 0", new() { Temperature = 0 });
        Refused("MaxDegreeOfParallelism is 0", new() { MaxDegreeOfParallelism = 0 });
        Refused("Reduction is 7", new() { Reduction = (Reduction)7 });
        Refused("LabelSmoothingConvention is 7", new() { LabelSmoothingConvention = (LabelSmoothingConvention)7 });
        Refused("Softcap is NaN", new() { Softcap = double.NaN });
        Refused("Softcap is -1", new() { Softcap = -1 });
        Refused("ClassWeights has 2 elements, but there are 3 classes", new() { ClassWeights = new double[2] });
        Refused("RowWeights has 2 elements, but there are 1 rows", new() { RowWeights = new double[2] });
        Assert.Contains(
            "IgnoreIndex is -100", Assert.Throws<ArgumentException>(() => CrossEntropy.Loss<double>(Row, Probabilities, 3, new() { IgnoreIndex = -100 })).Message);
        Assert.Contains(
            "targetProbabilities has 2 elements, but 3 were expected", Assert.Throws<ArgumentException>(() => CrossEntropy.Loss<double>(Row, [1.0, 2], 3)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => CrossEntropy.Loss<double>(Row, Probabilities, 0));
        Assert.Equal("logits", Assert.Throws<ArgumentException>(() => CrossEntropy.Loss<double>(Row, Probabilities, 2)).ParamName);
        double[] both = new double[6];
        Assert.Equal(
            "gradient", Assert.Throws<ArgumentException>(() => CrossEntropy.LossAndGradient<double>(Row, both.AsSpan(0, 3), 3, both.AsSpan(1))).ParamName);

        void Refused(string message, CrossEntropyOptions options)
        {
            ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => CrossEntropy.LossAndGradient<double>(Row, [0], gradient, options));
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
            Assert.Equal("options", error.ParamName);
            Assert.Equal([7.0, 7, 7], gradient);
        }
    }

    private static void Near(double expected, double actual) => Assert.Equal(1, actual / expected, 1e-15);
}
