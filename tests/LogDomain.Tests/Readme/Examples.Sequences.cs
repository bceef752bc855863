using LogDomain.Sequences;

namespace Readme;

public sealed partial class Examples
{
    [Fact]
    public void Sums_over_all_paths()
    {
        // <example>
        // Three positions, two states; scores are logarithms of any scale.
        double[] emissions = [1, 0, 0, 2, 1, 1], transitions = [0.5, -0.5, -0.5, 0.5];
        LinearChain<double> chain = new(emissions, transitions, states: 2);

        Console.WriteLine($"{chain.LogPartition():F6}");                       // 5.196065

        double[] marginals = new double[6];
        chain.Marginals(marginals);
        Console.WriteLine($"{marginals[3]:F6}");                               // 0.827244

        int[] path = new int[3];
        chain.MostLikelyPath(path);
        Console.WriteLine(string.Join(" ", path));                             // 0 1 1

        Console.WriteLine(chain.MostLikelyPaths(2)[1].Score);                  // 4

        int[] draws = new int[2 * 3];
        chain.Sample(count: 2, seed: 1, draws);
        Console.WriteLine($"{chain.Entropy():F6}");                            // 1.678948
        // </example>
        CompareOutput();
    }

    [Fact]
    public void A_semiring_of_ones_own()
    {
        // <example>
        // The shortest path: costs are minus the scores.
        double[] emissions = [-1, 0, 0, -2, -1, -1], transitions = [0, -3, -1, 0];
        Console.WriteLine(new LinearChain<double>(emissions, transitions, 2).Sum<CostSemiring, double>());     // 2
        // </example>
        CompareOutput();
    }

    [Fact]
    public void A_state_far_behind()
    {
        // <example>
        // State 0 is certain at the start, and 1,000 nats less likely than state 1, which is impossible there.
        double[] emissions = [-1000, 0], start = [0, double.NegativeInfinity], transitions = [0, 0, 0, 0];
        Console.WriteLine(new LinearChain<double>(emissions, transitions, 2) { Start = start }.LogPartition());   // -1000
        // </example>
        CompareOutput();
    }

    [Fact]
    public void A_conditional_random_field()
    {
        // <example>
        // Two sentences of up to three words, two tags. Tag 1 never follows tag 1.
        float[] emissions = [2, 0, 0, 1, 1, 0, 0, 3, 1, 0, 9, 9], transitions = [0, 0.5f, 0.5f, float.NegativeInfinity];
        int[] tags = [0, 1, 0, 1, 0, 0], lengths = [3, 2];
        LinearChain<float> sentences = new(emissions, transitions, 2) { Batch = 2, Lengths = lengths };

        float[] byEmissions = new float[12], byTransitions = new float[4];
        float loss = ConditionalRandomField.LossAndGradient(sentences, tags, new() { Emissions = byEmissions, Transitions = byTransitions });
        Console.WriteLine($"{loss:F6}, {byTransitions[3]}");                   // 0.141591, 0

        int[] decoded = new int[6];
        ConditionalRandomField.Decode(sentences, decoded);
        Console.WriteLine(string.Join(" ", decoded));                          // 0 1 0 1 0 -1
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Segments()
    {
        // <example>
        // Four positions, segments of one or two positions, two states: the score of each segment by position, length and state.
        double[] segments = [0, 0, 3, 0, 0, 1, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0], transitions = [0, 0, 0, 0];
        SemiMarkovChain<double> chain = new(segments, transitions, states: 2, longest: 2);
        Console.WriteLine(string.Join(", ", chain.MostLikely(out double score)));   // Segment { Length = 2, State = 0 }, Segment { Length = 2, State = 1 }
        Console.WriteLine($"{score}, {chain.LogPartition():F6}");              // 5, 6.129878
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Rain_and_umbrellas()
    {
        // <example>
        // Rain yesterday makes rain today likely; an umbrella (0) is a sign of rain.
        HiddenMarkovModel weather = HiddenMarkovModel.FromProbabilities(
            [0.5, 0.5], [0.7, 0.3, 0.3, 0.7], new CategoricalEmissions(2, [Math.Log(0.9), Math.Log(0.1), Math.Log(0.2), Math.Log(0.8)]));
        double[] days = [0, 0, 1, 0, double.NaN];                              // the last one was not seen

        Console.WriteLine($"{weather.LogLikelihood(days):F6}");                // -2.885755
        double[] rain = new double[10];
        weather.Smooth(days, rain);
        Console.WriteLine($"{rain[4]:F4}, {rain[8]:F4}");                      // 0.2839, 0.5923
        int[] states = new int[5];
        weather.MostLikelyStates(days, states);
        Console.WriteLine(string.Join(" ", states));                           // 0 0 1 0 0

        HiddenMarkovFilter filter = weather.StartFilter();
        filter.Update([0]);
        filter.Update([1]);
        Console.WriteLine($"{Math.Exp(filter.LogProbabilities[0]):F4}");       // 0.1738

        HiddenMarkovModel same = HiddenMarkovModel.FromJson(weather.ToJson());
        Console.WriteLine(same.LogLikelihood(days) == weather.LogLikelihood(days));   // True
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Baum_Welch()
    {
        // <example>
        HiddenMarkovModel truth = HiddenMarkovModel.FromProbabilities([1, 0], [0.95, 0.05, 0.1, 0.9], GaussianEmissions.Diagonal(2, [0, 5], [1, 1]));
        double[] data = new double[500];
        truth.Sample(seed: 3, new int[500], data);

        HiddenMarkovModel guess = HiddenMarkovModel.FromProbabilities([0.5, 0.5], [0.5, 0.5, 0.5, 0.5], GaussianEmissions.Diagonal(2, [1, 2], [4, 4]));
        HiddenMarkovModelFit fit = guess.Fit(data, options: new() { SelfTransitionPseudoCount = 1, Restarts = 2 });
        double[] means = ((GaussianEmissions)fit.Model.Emissions).Means.ToArray();
        Console.WriteLine(fit.Objectives[^1] > fit.Objectives[0]);             // True
        Console.WriteLine(Math.Abs(means.Min()) < 0.5 && Math.Abs(means.Max() - 5) < 0.5);   // True
        // </example>
        CompareOutput();
    }

    [Fact]
    public void A_product_of_logarithms()
    {
        // <example>
        // The second row of x is all that is left of the first column of y, 2,000 nats below.
        double[] x = [0, -1000, 0, 0], y = [double.NegativeInfinity, 0, -1000, 0], z = new double[4];
        LogMatMul.Multiply<double>(x, y, rows: 2, depth: 2, columns: 2, z);
        Console.WriteLine($"{z[0]}, {z[1]}, {z[2]}, {z[3]:F6}");               // -2000, 0, -1000, 0.693147
        // </example>
        CompareOutput();
    }

    [Fact]
    public void The_derivatives_of_a_product_of_logarithms()
    {
        // <example>
        double[] x = [0, 1, 2, 0], y = [1, 0, 0, 1], byX = new double[4], byY = new double[4];
        LogMatMul.Gradient<double>(x, y, upstream: [1, 0, 0, 0], rows: 2, depth: 2, columns: 2, byX, byY);
        Console.WriteLine($"{byX[0]:F6}, {byX[1]:F6}, {byX[2]}, {byX[3]}");    // 0.500000, 0.500000, 0, 0
        // </example>
        CompareOutput();
    }

    [Fact]
    public void A_scan_over_time()
    {
        // <example>
        double[] emissions = [1, 0, 0, 2, 1, 1], transitions = [0.5, -0.5, double.NegativeInfinity, 0.5];
        System.Numerics.BigInteger[] counts = new System.Numerics.BigInteger[3 * 4];
        new LinearChain<double>(emissions, transitions, 2).Scan<CountingSemiring, System.Numerics.BigInteger>(counts);
        Console.WriteLine(string.Join(" ", counts[8..]));                      // 1 2 0 1
        // </example>
        CompareOutput();
    }
}

/// <summary>The semiring of the guide.</summary>
public readonly struct CostSemiring : ISemiring<CostSemiring, double>
{
    public static double Zero => double.PositiveInfinity;

    public static double One => 0;

    public static double Add(double left, double right) => Math.Min(left, right);

    public static double Multiply(double left, double right) => left + right;

    public static double FromScore(double score, int label) => -score;
}
