// How likely is it that a standard normal number exceeds 6? One in a billion: sampling it directly never sees it. Importance sampling draws from
// another distribution and weighs each draw by the ratio of the densities, whose logarithm goes into the accumulator; a miss weighs 0.
using System.Globalization;
using LogDomain;

const double Threshold = 6;
const double Exact = 9.865876450376946e-10;   // erfc(6 / sqrt 2) / 2
const int Draws = 1_000_000;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Console.WriteLine($"P(X > {Threshold}) = {Exact:E4}, estimated from {Draws} draws:");
Console.WriteLine();
Console.WriteLine("drawn from    estimate     relative standard error  effective sample size  errors off");
Report("N(0, 1)  ", mean: 0, deviation: 1);
Report("N(0, 3^2)", mean: 0, deviation: 3);
Report("N(6, 1)  ", mean: 6, deviation: 1);

static void Report(string name, double mean, double deviation)
{
    Random random = new(1);
    LogSumExpAccumulator weights = default;
    for (int i = 0; i < Draws; i++)
    {
        double x = mean + (deviation * Normal(random)), standardised = (x - mean) / deviation;
        double logRatio = (0.5 * ((standardised * standardised) - (x * x))) + Math.Log(deviation);
        weights.Add(x > Threshold ? logRatio : double.NegativeInfinity);
    }

    double estimate = Math.Exp(weights.LogMean), error = weights.RelativeStandardError;
    Console.WriteLine(FormattableString.Invariant(
        $"{name}     {estimate:E4}  {error,23:P2}  {weights.EffectiveSampleSize,21:F1}  {(estimate - Exact) / (error * estimate),10:F2}"));
}

static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
