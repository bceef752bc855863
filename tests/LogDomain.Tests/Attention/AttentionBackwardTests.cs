using System.Numerics;
using LogDomain.Attention;

namespace LogDomain.Tests.Attention;

/// <summary>Gradients against the chain rule through the whole matrix in double, and that against finite differences.</summary>
public class AttentionBackwardTests
{
    public static TheoryData<string> OptionNames => AttentionTests.OptionNames;

    [Theory]
    [MemberData(nameof(OptionNames))]
    public void Gradients_are_those_of_the_definition(string name)
    {
        foreach (AttentionShape shape in AttentionTests.Shapes)
        {
            Check<float>(shape, name, 1e-5);
            Check<Half>(shape, name, 2e-2);
            Check<BFloat16>(shape, name, 1e-1);
            CheckDouble(shape, name);
        }
    }

    private static void Check<T>(in AttentionShape shape, string name, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        AttentionInputs<T> inputs = new(shape, seed: 11);
        AttentionOptions options = AttentionTests.Options(shape)[name];
        (double[] query, double[] key, double[] value) = inputs.Reference(options).Gradients(AttentionInputs<T>.Doubles(inputs.OutputGradient), AttentionInputs<float>.Doubles(inputs.LogSumExpGradient));
        (T[] actualQuery, T[] actualKey, T[] actualValue) = inputs.Backward(options);
        AttentionTests.AssertNear(query, AttentionInputs<T>.Doubles(actualQuery), bound, $"query, {typeof(T)} {shape}");
        AttentionTests.AssertNear(key, AttentionInputs<T>.Doubles(actualKey), bound, $"key, {typeof(T)} {shape}");
        AttentionTests.AssertNear(value, AttentionInputs<T>.Doubles(actualValue), bound, $"value, {typeof(T)} {shape}");
    }

    private static void CheckDouble(in AttentionShape shape, string name)
    {
        AttentionInputs<double> inputs = new(shape, seed: 11);
        AttentionOptions options = AttentionTests.Options(shape)[name];
        double[] sums = AttentionInputs<float>.Doubles(inputs.LogSumExpGradient), output = new double[inputs.OutputLength], logSumExp = new double[inputs.Rows];
        (double[] query, double[] key, double[] value) = inputs.Reference(options).Gradients(inputs.OutputGradient, sums);
        double[] actualQuery = new double[query.Length], actualKey = new double[key.Length], actualValue = new double[value.Length];
        ScaledDotProductAttention.Forward(inputs.Query, inputs.Key, inputs.Value, output, logSumExp, shape, options);
        ScaledDotProductAttention.Backward(inputs.Query, inputs.Key, inputs.Value, output, logSumExp, inputs.OutputGradient, sums, actualQuery, actualKey, actualValue, shape, options);
        AttentionTests.AssertNear(query, actualQuery, 1e-13, $"query, {shape}");
        AttentionTests.AssertNear(key, actualKey, 1e-13, $"key, {shape}");
        AttentionTests.AssertNear(value, actualValue, 1e-13, $"value, {shape}");
    }

    [Fact]
    public void The_definition_has_the_slopes_of_its_values()
    {
        AttentionShape shape = new(1, 2, 1, 3, 5, 4, 3);
        AttentionInputs<double> inputs = new(shape, seed: 2);
        AttentionOptions options = AttentionTests.Options(shape)["all"];
        AttentionTests.Wave wave = new(0.3);
        double[] sums = AttentionInputs<float>.Doubles(inputs.LogSumExpGradient);
        (double[] query, double[] key, double[] value) = new AttentionReference(inputs.Query, inputs.Key, inputs.Value, shape, options, wave).Gradients(inputs.OutputGradient, sums);
        Compare(inputs.Query, query);
        Compare(inputs.Key, key);
        Compare(inputs.Value, value);

        void Compare(double[] x, double[] gradient)
        {
            for (int i = 0; i < x.Length; i++)
            {
                double at = x[i], step = 1e-5;
                x[i] = at + step;
                double above = Loss();
                x[i] = at - step;
                double below = Loss();
                x[i] = at;
                Assert.Equal((above - below) / (2 * step), gradient[i], 1e-8);
            }
        }

        double Loss()
        {
            AttentionReference reference = new(inputs.Query, inputs.Key, inputs.Value, shape, options, wave);
            double loss = 0;
            for (int i = 0; i < reference.Output.Length; i++)
            {
                loss += reference.Output[i] * inputs.OutputGradient[i];
            }

            for (int i = 0; i < sums.Length; i++)
            {
                loss += double.IsNegativeInfinity(reference.LogSumExp[i]) ? 0 : reference.LogSumExp[i] * sums[i];
            }

            return loss;
        }
    }

    [Fact]
    public void A_function_of_the_caller_has_its_derivative_in_the_gradients()
    {
        foreach (AttentionShape shape in AttentionTests.Shapes)
        {
            AttentionInputs<float> inputs = new(shape, seed: 11);
            AttentionOptions options = AttentionTests.Options(shape)["all"];
            AttentionTests.Wave wave = new(0.3);
            (double[] query, double[] key, double[] value) =
                inputs.Reference(options, wave).Gradients(AttentionInputs<float>.Doubles(inputs.OutputGradient), AttentionInputs<float>.Doubles(inputs.LogSumExpGradient));
            float[] output = new float[inputs.OutputLength], logSumExp = new float[inputs.Rows];
            float[] actualQuery = new float[query.Length], actualKey = new float[key.Length], actualValue = new float[value.Length];
            ScaledDotProductAttention.Forward<float, AttentionTests.Wave>(inputs.Query, inputs.Key, inputs.Value, output, logSumExp, shape, wave, options);
            ScaledDotProductAttention.Backward<float, AttentionTests.Wave>(
                inputs.Query, inputs.Key, inputs.Value, output, logSumExp, inputs.OutputGradient, inputs.LogSumExpGradient, actualQuery, actualKey, actualValue, shape, wave, options);
            AttentionTests.AssertNear(query, AttentionInputs<float>.Doubles(actualQuery), 1e-5, $"query, {shape}");
            AttentionTests.AssertNear(key, AttentionInputs<float>.Doubles(actualKey), 1e-5, $"key, {shape}");
            AttentionTests.AssertNear(value, AttentionInputs<float>.Doubles(actualValue), 1e-5, $"value, {shape}");
        }
    }

    [Fact]
    public void Segments_of_rows_are_joined()
    {
        // More rows than a segment has, more segments than a wave.
        AttentionInputs<float> inputs = new(new(1, 2, 1, 1300, 150, 8, 8), seed: 4);
        AttentionOptions options = new() { IsCausal = true, Alignment = CausalAlignment.BottomRight };
        (double[] query, double[] key, double[] value) = inputs.Reference(options).Gradients(AttentionInputs<float>.Doubles(inputs.OutputGradient), AttentionInputs<float>.Doubles(inputs.LogSumExpGradient));
        (float[] actualQuery, float[] actualKey, float[] actualValue) = inputs.Backward(options);
        AttentionTests.AssertNear(query, AttentionInputs<float>.Doubles(actualQuery), 2e-5, "query");
        AttentionTests.AssertNear(key, AttentionInputs<float>.Doubles(actualKey), 2e-5, "key");
        AttentionTests.AssertNear(value, AttentionInputs<float>.Doubles(actualValue), 2e-5, "value");
    }

    [Fact]
    public void Gradients_that_are_not_wanted_are_left_out()
    {
        AttentionInputs<float> inputs = new(new(1, 2, 1, 20, 30, 8, 8), seed: 4);
        (float[] output, float[] logSumExp) = inputs.Forward();
        (float[] query, float[] key, float[] value) = inputs.Backward();
        float[] only = new float[Math.Max(query.Length, Math.Max(key.Length, value.Length)) + 1];
        Check(query, default, default, 0);
        Check(key, default, default, 1);
        Check(value, default, default, 2);

        void Check(float[] expected, Span<float> first, Span<float> second, int which)
        {
            only.AsSpan().Fill(float.NaN);
            ScaledDotProductAttention.Backward<float>(
                inputs.Query,
                inputs.Key,
                inputs.Value,
                output,
                logSumExp,
                inputs.OutputGradient,
                inputs.LogSumExpGradient,
                which == 0 ? only : first,
                which == 1 ? only : first,
                which == 2 ? only : second,
                inputs.Shape);
            Assert.Equal(expected, only[..expected.Length]);
            Assert.All(only[expected.Length..], x => Assert.True(float.IsNaN(x)));
        }
    }
}
