namespace LogDomain.Cli.Evaluation;

/// <summary>
/// Temperature scaling (Guo et al. 2017): the T that minimises the mean cross-entropy of logits / T.
/// </summary>
/// <remarks>
/// In b = 1 / T the cross-entropy is convex. So Newton's step, kept inside the bracket that the sign of the slope has shown so far, finds the minimum. Near it
/// the polynomial of <see cref="LossCurve"/> takes over and no more data have to be read: from 1 % away it was measured to be right to 1e-7 of T and
/// 2e-9 of the loss, from 0.1 % away to 1e-11 of T.
/// </remarks>
internal static class TemperatureSearch
{
    private const double Near = 0.01;

    /// <summary>The best b and the loss there; null if there is none to be found.</summary>
    /// <param name="b">Where to begin.</param>
    /// <param name="steps">When to give up.</param>
    /// <param name="evaluate">The curve around a b.</param>
    public static (double Inverse, double Loss)? Find(double b, int steps, Func<double, LossCurve> evaluate)
    {
        double low = 0, high = double.PositiveInfinity;
        for (int step = 0; step < steps; step++)
        {
            LossCurve curve = evaluate(b);
            double r = curve.Minimum();
            if (!double.IsFinite(curve.Slope) || double.IsNaN(r))
            {
                return null;   // a label is impossible, or all rows are right and the others' probabilities are 0
            }

            if (Math.Abs(r) <= Near)
            {
                return (b * (1 + r), curve.Value(r));
            }

            (low, high) = curve.Slope < 0 ? (b, high) : (low, b);
            double next = Representable(b * (1 + r));
            bool inside = next > low && next < high;
            b = inside ? next : Representable(double.IsFinite(high) ? 0.5 * (low + high) : 2 * low);
        }

        return null;
    }

    /// <summary>A float, so that logits of either type are scaled by this very number.</summary>
    public static double Representable(double b) => (float)b;
}
