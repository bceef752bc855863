namespace LogDomain.Tests.Losses;

/// <summary>Gradients against central differences.</summary>
internal static class Slope
{
    public static void Assert(double[] x, double[] gradient, Func<double[], double> loss)
    {
        const double Step = 1e-5;
        for (int i = 0; i < x.Length; i++)
        {
            double[] above = [.. x], below = [.. x];
            above[i] += Step;
            below[i] -= Step;
            Xunit.Assert.Equal((loss(above) - loss(below)) / (2 * Step), gradient[i], 1e-9);
        }
    }
}
