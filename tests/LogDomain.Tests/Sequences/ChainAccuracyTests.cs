using LogDomain.Sequences;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Sequences;

/// <summary>The errors of chains against sums with 384 bits; docs/numerics.md has the table. Each is to be at most what it says there.</summary>
public class ChainAccuracyTests
{
    /// <summary>States, positions, the deviation of the scores; the errors of the log-partition in ulps and of the others in 2^-53: of probabilities and the loss relative, of sums of pairs absolute or, where they are above 1, relative.</summary>
    public static TheoryData<int, int, double, double, double, double, double> Cases => new()
    {
        { 2, 3_000, 1, 1, 10, 50, 30 },
        { 8, 600, 1, 1, 10, 20, 20 },
        { 8, 600, 50, 1, 1_000, 40, 20 },
        { 8, 200, 400, 1, 8_000, 100, 1_000 },
        { 64, 30, 1, 1, 10, 2, 2 },
        { 64, 30, 50, 1, 2_000, 70, 200 },
        { 64, 30, 400, 1, 10_000, 3, 3_000 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Errors_are_as_documented(int states, int length, double deviation, double ulps, double ofProbabilities, double ofPairs, double ofLoss)
    {
        double[] emissions = Sample.Normal<double>(length * states, seed: 1, deviation: deviation), transitions = Sample.Normal<double>(states * states, seed: 2, deviation: deviation);
        LinearChain<double> chain = new(emissions, transitions, states);
        double[] byEmissions = new double[emissions.Length], byTransitions = new double[transitions.Length], marginals = new double[emissions.Length];
        int[] path = new int[length];
        chain.MostLikelyPath(path);
        double loss = ConditionalRandomField.LossAndGradient(chain, path, new() { Emissions = byEmissions, Transitions = byTransitions });
        chain.Marginals(marginals);

        BigFloat[] weights = [.. emissions.Select(x => BigFloat.Exp(BigFloat.From(x)))], steps = [.. transitions.Select(x => BigFloat.Exp(BigFloat.From(x)))];
        BigFloat[] forward = new BigFloat[emissions.Length], backward = new BigFloat[emissions.Length], pairs = new BigFloat[transitions.Length];
        for (int t = 0; t < length; t++)
        {
            for (int j = 0; j < states; j++)
            {
                BigFloat sum = t == 0 ? BigFloat.One : BigFloat.Zero;
                for (int i = 0; i < states && t > 0; i++)
                    sum += forward[((t - 1) * states) + i] * steps[(i * states) + j];

                forward[(t * states) + j] = sum * weights[(t * states) + j];
            }
        }

        BigFloat total = BigFloat.Zero, score = BigFloat.Zero;
        for (int j = 0; j < states; j++)
            total += forward[((length - 1) * states) + j];

        for (int t = length - 1; t >= 0; t--)
        {
            for (int i = 0; i < states; i++)
            {
                BigFloat sum = t == length - 1 ? BigFloat.One : BigFloat.Zero;
                for (int j = 0; j < states && t < length - 1; j++)
                {
                    BigFloat step = steps[(i * states) + j] * backward[((t + 1) * states) + j];
                    sum += step;
                    pairs[(i * states) + j] += forward[(t * states) + i] * step;
                }

                backward[(t * states) + i] = t == 0 ? sum : sum * weights[(t * states) + i];
            }

            score += BigFloat.From(emissions[(t * states) + path[t]]);
            score += t == 0 ? BigFloat.Zero : BigFloat.From(transitions[(path[t - 1] * states) + path[t]]);
        }

        double worst = 0, worstPair = 0;
        for (int t = 0; t < length; t++)
        {
            for (int j = 0; j < states; j++)
            {
                // backward has the score of its position, as forward has, but for the first.
                BigFloat p = forward[(t * states) + j] * backward[(t * states) + j] / total;
                worst = Math.Max(worst, Error(marginals[(t * states) + j], t == 0 ? p : p / weights[(t * states) + j]));
            }
        }

        for (int n = 0; n < pairs.Length; n++)
        {
            int tags = Enumerable.Range(1, length - 1).Count(t => (path[t - 1] * states) + path[t] == n);
            double difference = Math.Abs((BigFloat.From(byTransitions[n]) - ((pairs[n] / total) - BigFloat.From(tags))).ToDouble());
            worstPair = Math.Max(worstPair, difference / Math.Max(1, (pairs[n] / total).ToDouble()) * Math.ScaleB(1, 53));
        }

        BigFloat logPartition = BigFloat.Log(total);
        double own = Ulp.Error(chain.LogPartition(), logPartition), worstLoss = Error(loss, logPartition - score);
        Assert.True(
            own <= ulps && worst <= ofProbabilities && worstPair <= ofPairs && worstLoss <= ofLoss,
            $"{states} states, {length} positions, deviation {deviation}: log-partition {own:F2} ulp; probabilities {worst:G3}, sums of pairs {worstPair:G3}, loss {worstLoss:G3} times 2^-53");
    }

    /// <summary>The error relative to 2^-53 of the exact number, as far as it is a normal one.</summary>
    private static double Error(double actual, BigFloat exact) =>
        exact < BigFloat.From(1e-300) ? 0 : (BigFloat.Abs(BigFloat.From(actual) - exact) / exact).ToDouble() * Math.ScaleB(1, 53);
}
