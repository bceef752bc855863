namespace LogDomain.Cli.Evaluation;

/// <summary>
/// The mean cross-entropy of b x near one b, as a function of the relative change r of b: a Taylor polynomial of degree 4.
/// </summary>
/// <remarks>
/// For one row and y = b x it is <c>log(sum_j e^((1 + r) y_j)) - (1 + r) y_label</c>, and the derivatives of the first term are the cumulants of y
/// under softmax(y): mean, variance and so on. So one softmax gives the polynomial.
/// </remarks>
internal sealed class LossCurve
{
    private Total _loss, _slope, _curvature, _third, _fourth;
    private long _count;

    /// <summary>How confident and how right the rows of b x are.</summary>
    public Calibration Calibration { get; } = new();

    public double Slope => _slope.Value / _count;

    private double Curvature => _curvature.Value / _count;

    private double Third => _third.Value / _count;

    private double Fourth => _fourth.Value / _count;

    /// <param name="row">A row of b x.</param>
    public void Add(in RowPrediction row)
    {
        RowSums m = row.Others;
        double mean = m.Moment1, square = mean * mean;
        _count++;
        Calibration.Add(row.Confidence, row.LabelIsBest);
        _loss += row.Loss;
        _slope += mean - row.Logit;
        _curvature += m.Moment2 - square;
        _third += m.Moment3 - (3 * m.Moment2 * mean) + (2 * square * mean);
        _fourth += m.Moment4 - (4 * m.Moment3 * mean) - (3 * m.Moment2 * m.Moment2) + (12 * m.Moment2 * square) - (6 * square * square);
    }

    public void Add(LossCurve other)
    {
        _count += other._count;
        Calibration.Add(other.Calibration);
        _loss += other._loss;
        _slope += other._slope;
        _curvature += other._curvature;
        _third += other._third;
        _fourth += other._fourth;
    }

    public double Value(double r) =>
        (_loss.Value / _count) + (r * (Slope + (r * ((Curvature / 2) + (r * ((Third / 6) + (r * Fourth / 24)))))));

    /// <summary>Where the polynomial is least; far from 0, where it means little, the step of Newton's method.</summary>
    public double Minimum()
    {
        double newton = -Slope / Curvature, r = newton;
        for (int step = 0; step < 6 && Math.Abs(r) < 0.25; step++)
        {
            double slope = Slope + (r * (Curvature + (r * ((Third / 2) + (r * Fourth / 6)))));
            double curvature = Curvature + (r * (Third + (r * Fourth / 2)));
            r -= slope / curvature;
        }

        return Math.Abs(r) < 0.25 ? r : newton;
    }
}
