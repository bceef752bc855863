using System.Numerics;
using System.Runtime.CompilerServices;
using LogDomain.Sequences;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Reproducibility;

/// <summary>Chains and products of matrices have the same bits with every instruction set: this test's own program, run again with sets switched off.</summary>
public class SequenceInstructionSetTests
{
    private const string Variable = "LOGDOMAIN_TEST_SEQUENCES_FILE";

    [Theory]
    [MemberData(nameof(InstructionSets.Switches), MemberType = typeof(InstructionSets))]
    public void Bits_do_not_depend_on_the_instruction_set(string disabled) => InstructionSets.AssertSame(Variable, disabled, Compute);

    [ModuleInitializer]
    internal static void WriteHashes() => InstructionSets.WriteInChild(Variable, Compute);

    private static string[] Compute() => [.. Lines<float>(), .. Lines<double>(), .. Lines<Half>(), .. Lines<BFloat16>(), .. Fit()];

    private static string[] Lines<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NamedHashes<T> hashes = new();
        foreach (int states in (int[])[1, 3, 8, 9, 31, 40])
        {
            // A small spread is one of numbers, a large one of logarithms.
            foreach (double deviation in (double[])[2, 150, 2000])
            {
                const int Batch = 3, Length = 40;
                T[] emissions = Numbers<T>(Batch * Length * states, deviation, states), transitions = Numbers<T>(states * states, deviation, states + 1), start = Numbers<T>(states, deviation, 7);
                LinearChain<T> chain = new(emissions, transitions, states) { Batch = Batch, Start = start };
                T[] results = new T[Batch], gradient = new T[emissions.Length], pairs = new T[transitions.Length], filtered = new T[emissions.Length], logs = new T[Batch * Length];
                int[] path = new int[Batch * Length];
                chain.LogPartition(results);
                hashes.Add("log-partition", results);
                T loss = ConditionalRandomField.LossAndGradient(chain, path, new() { Emissions = gradient, Transitions = pairs });
                hashes.Add("loss and gradient", [loss, .. gradient, .. pairs]);
                chain.Filter(filtered, logs);
                hashes.Add("filter", [.. filtered, .. logs]);
                chain.MostLikelyPath(path, results);
                hashes.Add("most likely path", results);
                hashes.AddIndices("most likely path", path);
                chain.Sample(1, 3, path);
                hashes.AddIndices("sample", path);
                LogMatMul.Multiply<T>(emissions.AsSpan(0, Length * states), transitions, Length, states, states, gradient);
                hashes.Add("product", gradient.AsSpan(0, Length * states));
                LogMatMul.Gradient<T>(emissions.AsSpan(0, Length * states), transitions, emissions.AsSpan(Length * states, Length * states), Length, states, states, gradient.AsSpan(0, Length * states), pairs);
                hashes.Add("derivatives of a product", [.. gradient[..(Length * states)], .. pairs]);
            }
        }

        return hashes.Lines;
    }

    private static string[] Fit()
    {
        NamedHashes<double> hashes = new();
        double[] x = [.. Sample.Normal<double>(200, seed: 1).Select(value => Math.Round(value, 3))];
        HiddenMarkovModel model = HiddenMarkovModel.FromProbabilities([0.5, 0.5], [0.9, 0.1, 0.2, 0.8], GaussianEmissions.Full(2, [0, 0, 1, 1], [1, 0, 0, 1, 2, 0.5, 0.5, 1]));
        HiddenMarkovModelFit fit = model.Fit(x, [50, 50], new() { MaxIterations = 10 });
        hashes.Add("Baum-Welch", [.. fit.Objectives, .. fit.Model.LogTransitions]);
        return hashes.Lines;
    }

    private static T[] Numbers<T>(int count, double deviation, int seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(10) == 0 ? T.NegativeInfinity : T.CreateTruncating(deviation * (random.NextDouble() - 0.5)))];
    }
}
