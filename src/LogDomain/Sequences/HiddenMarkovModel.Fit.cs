using LogDomain.Kernels;
using LogDomain.Kernels.Elementwise;
using LogDomain.Kernels.Sequences;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Sequences;

/// <content>Baum-Welch.</content>
public sealed unsafe partial class HiddenMarkovModel
{
    /// <summary>Sequences are summed within so many groups first, whose order depends on nothing else.</summary>
    private const int MostGroups = 32;

    /// <summary>
    /// Raises the likelihood of sequences of observations step by step, from the parameters of this model (L. E. Baum, T. Petrie, G. Soules and N. Weiss, Annals of Mathematical Statistics 41 (1970)). What is impossible stays so.
    /// </summary>
    /// <param name="observations">Rows, all sequences one after the other.</param>
    /// <param name="lengths">Observations of each sequence; empty for one sequence.</param>
    /// <param name="options">Null for the likelihood without priors and one start.</param>
    /// <exception cref="ArgumentException">The lengths do not sum to the number of observations, or a number is negative.</exception>
    public HiddenMarkovModelFit Fit(ReadOnlySpan<double> observations, ReadOnlySpan<int> lengths = default, HiddenMarkovModelOptions? options = null)
    {
        options ??= new();
        LogPrimitives.CheckDegree(options.MaxDegreeOfParallelism, nameof(options), nameof(options.MaxDegreeOfParallelism));
        int rows = observations.Length / Emissions.Dimensions, sum = 0;
        int[] counts = lengths.IsEmpty ? [rows] : lengths.ToArray();
        foreach (int length in counts)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(lengths));
            sum += length;
        }

        if (sum != rows)
        {
            throw new ArgumentException($"lengths has a sum of {sum}, but there are {rows} observations.", nameof(lengths));
        }

        double[] data = observations.ToArray();
        HiddenMarkovModelFit best = Climb(data, counts, options);
        for (int restart = 1; restart <= options.Restarts; restart++)
        {
            HiddenMarkovModelFit other = Start(data, options, restart).Climb(data, counts, options);
            best = other.Objectives[^1] > best.Objectives[^1] ? other : best;
        }

        return best;
    }

    private HiddenMarkovModelFit Climb(double[] observations, int[] lengths, HiddenMarkovModelOptions options)
    {
        HiddenMarkovModel model = this;
        List<double> objectives = [];
        int rows = observations.Length / Emissions.Dimensions;
        for (int step = 0; ; step++)
        {
            double[] weights = new double[rows * States], pairs = new double[States * States], first = new double[States];
            double objective = model.Expect(observations, lengths, weights, pairs, first, options) + model.LogPrior(options);
            bool converged = step > 0 && objective - objectives[^1] < options.Tolerance * rows;
            objectives.Add(objective);
            if (converged || step >= options.MaxIterations || !double.IsFinite(objective))
            {
                return new(model, objectives, converged);
            }

            model = model.Maximise(observations, weights, pairs, first, options);
        }
    }

    /// <summary>The E-step: probabilities of states, and expected numbers of transitions and of first states. Returns the log-likelihood.</summary>
    private double Expect(double[] observations, int[] lengths, double[] weights, double[] pairs, double[] first, HiddenMarkovModelOptions options)
    {
        double[] scores = LogLikelihoods(observations), likelihoods = new double[lengths.Length];
        int groups = Math.Min(MostGroups, lengths.Length), threads = RowPartition.Threads(options.MaxDegreeOfParallelism);
        int[] offsets = new int[lengths.Length + 1];
        for (int i = 0; i < lengths.Length; i++)
        {
            offsets[i + 1] = offsets[i] + lengths[i];
        }

        double[][] groupPairs = new double[groups][], groupFirst = new double[groups][];
        int states = States, stride = 0;
        fixed (double* start = _logStart, transition = _logTransitions, score = scores, weight = weights)
        {
            double* starts = start, transitions = transition, emissions = score, results = weight;
            TileTasks.Run(groups, threads, (group, _) =>
            {
                using ChainRunner<double> runner = ChainRunner<double>.Create(states, starts, null, transitions);
                groupPairs[group] = new double[states * runner.Stride];
                groupFirst[group] = new double[states];
                stride = runner.Stride;
                fixed (double* pair = groupPairs[group], one = groupFirst[group])
                {
                    int end = (int)((long)lengths.Length * (group + 1) / groups);
                    for (int i = (int)((long)lengths.Length * group / groups); i < end; i++)
                    {
                        nint offset = (nint)offsets[i] * states;
                        ChainItem<double> item = new() { Emissions = emissions + offset, Count = lengths[i] };
                        likelihoods[i] = runner.Gradient(item, null, new() { Scale = 1, Emissions = results + offset, PairSums = pair, Start = one });
                    }
                }
            });
        }

        for (int group = 0; group < groups; group++)
        {
            for (int i = 0; i < states; i++)
            {
                first[i] += groupFirst[group][i];
                for (int j = 0; j < states; j++)
                {
                    pairs[(i * states) + j] += groupPairs[group][(i * stride) + j];
                }
            }
        }

        return Sums.Sum<double>(likelihoods).Value.High;
    }

    /// <summary>The M-step.</summary>
    private HiddenMarkovModel Maximise(double[] observations, double[] weights, double[] pairs, double[] first, HiddenMarkovModelOptions options)
    {
        double[] logStart = new double[States], logTransitions = new double[States * States];
        Shares(first, _logStart, logStart, _ => options.StartPseudoCount);
        for (int i = 0; i < States; i++)
        {
            int row = i * States, own = i;
            Shares(
                pairs.AsSpan(row, States),
                _logTransitions.AsSpan(row, States),
                logTransitions.AsSpan(row, States),
                j => options.TransitionPseudoCount + (j == own ? options.SelfTransitionPseudoCount : 0));
        }

        return new(logStart, logTransitions, Emissions.Fit(observations, weights));
    }

    /// <summary>Logarithms of counts; of what has none at all the logarithms before.</summary>
    private static void Shares(ReadOnlySpan<double> counts, ReadOnlySpan<double> before, Span<double> logs, Func<int, double> pseudoCount)
    {
        bool isEmpty = true;
        for (int j = 0; j < counts.Length; j++)
        {
            double count = counts[j] + (double.IsNegativeInfinity(before[j]) ? 0 : pseudoCount(j));
            isEmpty &= !(count > 0);
            logs[j] = count > 0 ? Scalar.Log(count) : double.NegativeInfinity;
        }

        if (isEmpty)
        {
            before.CopyTo(logs);
        }
    }

    private double LogPrior(HiddenMarkovModelOptions options)
    {
        double sum = 0;
        for (int i = 0; i < States; i++)
        {
            sum += Weighted(options.StartPseudoCount, _logStart[i]);
            for (int j = 0; j < States; j++)
            {
                sum += Weighted(options.TransitionPseudoCount + (i == j ? options.SelfTransitionPseudoCount : 0), _logTransitions[(i * States) + j]);
            }
        }

        return sum + (Emissions is CategoricalEmissions categorical ? categorical.LogPrior() : 0);
    }

    private static double Weighted(double count, double log) => count == 0 || double.IsNegativeInfinity(log) ? 0 : count * log;

    /// <summary>Emissions from observations that are shared out in runs, and transitions at random.</summary>
    private HiddenMarkovModel Start(double[] observations, HiddenMarkovModelOptions options, int restart)
    {
        Philox random = new(options.Seed, (ulong)restart);
        int rows = observations.Length / Emissions.Dimensions, run = Math.Max(1, rows / (8 * States));
        double[] weights = new double[rows * States], logStart = new double[States], logTransitions = new double[States * States];
        for (int t = 0; t < rows; t++)
        {
            weights[(t * States) + Math.Min(States - 1, (int)(States * random.Uniform((ulong)(t / run))))] = 1;
        }

        ulong index = (ulong)rows;
        for (int i = 0; i < logStart.Length; i++)
        {
            logStart[i] = double.IsNegativeInfinity(_logStart[i]) ? _logStart[i] : Scalar.Log(random.Uniform(index++));
        }

        for (int i = 0; i < logTransitions.Length; i++)
        {
            logTransitions[i] = double.IsNegativeInfinity(_logTransitions[i]) ? _logTransitions[i] : Scalar.Log(random.Uniform(index++));
        }

        return new(logStart, logTransitions, Emissions.Fit(observations, weights));
    }
}
