using CsCheck;
using LogDomain.Losses;

namespace LogDomain.Tests.Primitives;

/// <summary>What holds for any row.</summary>
public class PropertyTests
{
    private static readonly Gen<float> Logit = Gen.Frequency(
        (10, Gen.Float[-20, 20]), (3, Gen.Float[-200, 200]), (1, Gen.Const(float.NegativeInfinity)), (1, Gen.Const(0f)));

    private static readonly Gen<float[]> Rows = Gen.OneOf(Logit.Array[1, 70], Logit.Array[2000, 2100]).Where(row => row.Any(float.IsFinite));

    [Fact]
    public void Log_sum_exp_lies_between_the_maximum_and_the_maximum_plus_log_n() => Rows.Sample(row =>
    {
        float lse = LogPrimitives.LogSumExp<float>(row);
        double top = row.Max() + Math.Log(row.Length);
        return lse >= row.Max() && lse <= (float)top;
    });

    [Fact]
    public void Log_probabilities_are_never_positive_and_probabilities_sum_to_one() => Rows.Sample(row =>
    {
        float[] log = new float[row.Length], p = new float[row.Length];
        LogPrimitives.LogSoftMax<float>(row, log);
        LogPrimitives.SoftMax<float>(row, p);
        return log.All(value => value <= 0) && Math.Abs(p.Sum(value => (double)value) - 1) <= 2 * Math.ScaleB(1, -24) * 2;
    });

    [Fact]
    public void A_representable_shift_moves_log_sum_exp_and_leaves_the_others_alone() =>
        Gen.Select(Gen.Int[-4000, 4000].Array[1, 300], Gen.Int[-1000, 1000]).Sample((units, shift) =>
        {
            // Multiples of 2^-8 below 2^13 add without rounding, in float as in double.
            double[] x = [.. units.Select(u => u / 256.0)], moved = [.. x.Select(v => v + shift)], a = new double[x.Length], b = new double[x.Length];
            LogPrimitives.LogSoftMax<double>(x, a);
            LogPrimitives.LogSoftMax<double>(moved, b);
            double difference = LogPrimitives.LogSumExp<double>(moved) - LogPrimitives.LogSumExp<double>(x) - shift;
            return Math.Abs(difference) <= 4e-13 && a.Zip(b).All(pair => Math.Abs(pair.First - pair.Second) <= 8 * Math.BitIncrement(Math.Abs(pair.First)) * 1.2e-16);
        });

    [Fact]
    public void The_order_of_the_terms_hardly_matters() => Rows.Sample(row =>
    {
        float[] reversed = [.. row.Reverse()];
        float a = LogPrimitives.LogSumExp<float>(row), b = LogPrimitives.LogSumExp<float>(reversed);
        return Math.Abs(BitConverter.SingleToInt32Bits(a) - BitConverter.SingleToInt32Bits(b)) <= 2;
    });

    [Fact]
    public void The_gradient_of_cross_entropy_sums_to_zero() => Gen.Select(Rows, Gen.Int[0, 1 << 20]).Sample((row, pick) =>
    {
        int target = pick % row.Length;
        float[] gradient = new float[row.Length];
        float loss = CrossEntropy.LossAndGradient<float>(row, [target], gradient);
        return loss >= 0 && gradient[target] <= 0 && Math.Abs(gradient.Sum(value => (double)value)) <= 4 * Math.ScaleB(1, -24);
    });

    [Fact]
    public void Log_add_exp_is_symmetric_bit_for_bit_and_agrees_with_log_sum_exp() => Gen.Select(Gen.Double[-800, 800], Gen.Double[-800, 800]).Sample((x, y) =>
    {
        double sum = LogMath.LogAddExp(x, y);
        return sum == LogMath.LogAddExp(y, x) && Math.Abs(sum - LogPrimitives.LogSumExp<double>([x, y])) <= 2.3e-13;
    });
}
