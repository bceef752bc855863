using LogDomain.Kernels;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Losses;

/// <summary>One run of <see cref="EnergyBased.AnnealedImportanceSampling"/>.</summary>
internal static class AnnealingChain
{
    /// <summary>Leaves its last state; returns the logarithm of its weight. Its random numbers are two streams of the seed: normal ones and uniform ones.</summary>
    public static double Run(EnergyFunction energy, AnnealingOptions options, int chain, Span<double> state)
    {
        Philox normals = new(options.Seed, 2 * (ulong)chain), uniforms = new(options.Seed, (2 * (ulong)chain) + 1);
        ulong normal = 0, uniform = 0;
        double[] proposal = new double[state.Length];
        for (int d = 0; d < state.Length; d++)
        {
            state[d] = options.StartDeviation * normals.Normal(normal++);
        }

        double start = StartEnergy(state, options.StartDeviation), end = energy(state), logWeight = 0;
        for (int step = 1; step <= options.Steps; step++)
        {
            double b = (double)step / options.Steps;
            logWeight += (start - end) / options.Steps;
            for (int move = 0; move < options.Moves; move++)
            {
                for (int d = 0; d < state.Length; d++)
                {
                    proposal[d] = Math.FusedMultiplyAdd(options.MoveDeviation, normals.Normal(normal++), state[d]);
                }

                double proposedStart = StartEnergy(proposal, options.StartDeviation), proposedEnd = energy(proposal);
                double logRatio = ((1 - b) * (start - proposedStart)) + (b * (end - proposedEnd));
                if (Scalar.Log(uniforms.Uniform(uniform++)) < logRatio)
                {
                    proposal.CopyTo(state);
                    (start, end) = (proposedStart, proposedEnd);
                }
            }
        }

        return logWeight;
    }

    /// <summary>Minus the log-density of the start.</summary>
    private static double StartEnergy(ReadOnlySpan<double> state, double deviation)
    {
        double squares = 0;
        foreach (double x in state)
        {
            double z = x / deviation;
            squares = Math.FusedMultiplyAdd(z, z, squares);
        }

        return (0.5 * squares) + (state.Length * (Scalar.Log(deviation) + NormalDistribution.LogSqrtTwoPi));
    }
}
