using LogDomain.Cli.Input;
using LogDomain.Losses;

namespace LogDomain.Cli.Evaluation;

/// <summary>
/// Temperature scaling (Guo et al. 2017): the T that minimises the mean cross-entropy of logits / T.
/// </summary>
/// <remarks>
/// In b = 1 / T the mean cross-entropy is convex, with derivative mean(E_p[x] - x_label) and second derivative mean(Var_p[x]), p = softmax(b x).
/// So Newton's step, kept inside the bracket that the derivative's sign has shown so far, finds it; each step reads the file once.
/// </remarks>
internal sealed class TemperatureSearch(ILogitsSource source, int[] targets, int? ignoreIndex, long count, Action<string, double> progress)
{
    private const double Tolerance = 1e-9;

    public Scores Apply(Scores plain, bool separable)
    {
        if (separable)
        {
            return plain with { NoTemperature = "every row is right: the cross-entropy falls to 0 as T falls to 0" };
        }

        if (!double.IsFinite(plain.CrossEntropy))
        {
            return plain with { NoTemperature = "a label has probability 0: the cross-entropy is infinite at any T" };
        }

        if (At(0).Slope >= 0)
        {
            return plain with { NoTemperature = "the logits carry no signal: the cross-entropy falls as T grows" };
        }

        double low = 0, high = double.PositiveInfinity, inverse = 1;
        for (int step = 0; step < 60; step++)
        {
            (double loss, double slope, double curvature) = At(inverse);
            (low, high) = slope < 0 ? (inverse, high) : (low, inverse);
            double next = inverse - (slope / curvature);
            bool inside = next > low && next < high;
            next = inside ? next : double.IsFinite(high) ? 0.5 * (low + high) : 2 * low;
            if (Math.Abs(next - inverse) <= Tolerance * inverse)
            {
                return plain with { Temperature = 1 / inverse, CrossEntropyAtTemperature = loss };
            }

            inverse = next;
        }

        return plain with { NoTemperature = "the search did not settle" };
    }

    /// <summary>Mean cross-entropy of b x, its derivative and second derivative by b.</summary>
    private (double Loss, double Slope, double Curvature) At(double b)
    {
        Total loss = default, slope = default, curvature = default;
        double[] scaled = [], probabilities = [], losses = [];
        (double Slope, double Curvature)[] moments = [];
        int classes = source.Classes;
        foreach ((long first, int rows, double[] x) in Evaluator.Batches(source))
        {
            int length = rows * classes;
            Evaluator.Grow(ref scaled, length);
            Evaluator.Grow(ref probabilities, length);
            Evaluator.Grow(ref losses, rows);
            Evaluator.Grow(ref moments, rows);
            for (int i = 0; i < length; i++)
            {
                // A class of probability zero stays one at every temperature, the infinite included.
                scaled[i] = double.IsNegativeInfinity(x[i]) ? x[i] : x[i] * b;
            }

            LogPrimitives.SoftMaxRows<double>(scaled.AsSpan(0, length), classes, probabilities);
            CrossEntropy.LossPerRow<double>(scaled.AsSpan(0, length), targets.AsSpan((int)first, rows), losses, new() { IgnoreIndex = ignoreIndex });
            Evaluator.ForRows(rows, classes, row =>
            {
                int target = targets[first + row];
                moments[row] = target == ignoreIndex
                    ? default
                    : Moments(x.AsSpan(row * classes, classes), probabilities.AsSpan(row * classes, classes), target);
            });
            for (int row = 0; row < rows; row++)
            {
                loss += losses[row];
                slope += moments[row].Slope;
                curvature += moments[row].Curvature;
            }

            progress("Fitting the temperature", (first + rows) / (double)source.Rows);
        }

        return (loss.Value / count, slope.Value / count, curvature.Value / count);
    }

    /// <summary>E_p[x] - x_label and Var_p[x], both relative to the label's logit so that a common offset cancels before anything is rounded.</summary>
    private static (double Slope, double Curvature) Moments(ReadOnlySpan<double> x, ReadOnlySpan<double> p, int label)
    {
        double origin = x[label], mean = 0, square = 0;
        for (int j = 0; j < x.Length; j++)
        {
            if (p[j] > 0)
            {
                double d = x[j] - origin;
                mean += p[j] * d;
                square += p[j] * d * d;
            }
        }

        return (mean, Math.Max(0, square - (mean * mean)));
    }
}
