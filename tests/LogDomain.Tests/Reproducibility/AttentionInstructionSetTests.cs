using System.Numerics;
using System.Runtime.CompilerServices;
using LogDomain.Attention;
using LogDomain.Tests.Attention;

namespace LogDomain.Tests.Reproducibility;

/// <summary>Attention has the same bits with every instruction set: this test's own program, run again with sets switched off.</summary>
public class AttentionInstructionSetTests
{
    private const string Variable = "LOGDOMAIN_TEST_ATTENTION_FILE";

    [Theory]
    [MemberData(nameof(InstructionSets.Switches), MemberType = typeof(InstructionSets))]
    public void Bits_do_not_depend_on_the_instruction_set(string disabled) => InstructionSets.AssertSame(Variable, disabled, Compute);

    [ModuleInitializer]
    internal static void WriteHashes() => InstructionSets.WriteInChild(Variable, Compute);

    private static string[] Compute() => [.. Hashes<float>(), .. Hashes<BFloat16>()];

    private static string[] Hashes<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NamedHashes<T> hashes = new();
        foreach (AttentionShape shape in AttentionTests.Shapes)
        {
            foreach ((string name, AttentionOptions options) in AttentionTests.Options(shape))
            {
                AttentionInputs<T> inputs = new(shape, seed: 1);
                (T[] output, float[] sums) = inputs.Forward(options);
                hashes.Add(name, output);
                hashes.AddDoubles(name + ", log-sum-exp", AttentionInputs<float>.Doubles(sums));
                (T[] query, T[] key, T[] value) = inputs.Backward(options);
                hashes.Add(name + ", gradients", [.. query, .. key, .. value]);
                float[] bias = new float[(options.Bias?.Values ?? default).Length], slopes = new float[options.AlibiSlopes.Length], sinks = new float[options.Sinks.Length];
                ScaledDotProductAttention.Backward<T>(
                    inputs.Query, inputs.Key, inputs.Value, output, sums, inputs.OutputGradient, inputs.LogSumExpGradient, default, default, default, shape, options, new() { Bias = bias, AlibiSlopes = slopes, Sinks = sinks });
                hashes.AddDoubles(name + ", gradients by options", AttentionInputs<float>.Doubles([.. bias, .. slopes, .. sinks]));
            }
        }

        return hashes.Lines;
    }
}
