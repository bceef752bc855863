namespace LogDomain.Attention;

/// <summary>Slopes of attention with linear biases (Press, Smith and Lewis 2022, "Train Short, Test Long", section 3).</summary>
public static class Alibi
{
    /// <summary>
    /// The paper's slopes: <c>2^(-8 i / n)</c> for i = 1 to n, if n, the number of heads, is a power of two; else those of the power of two below n, followed by every second one of twice that power.
    /// </summary>
    /// <param name="heads">The number of heads, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="heads"/> is below 1.</exception>
    public static float[] Slopes(int heads)
    {
        if (heads < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(heads), heads, $"heads is {heads}, but at least 1 was expected.");
        }

        int power = 1 << int.Log2(heads);
        float[] slopes = new float[heads];
        for (int i = 0; i < heads; i++)
        {
            double exponent = i < power ? -8.0 * (i + 1) / power : -4.0 * ((2 * (i - power)) + 1) / power;
            slopes[i] = (float)Math.Pow(2, exponent);
        }

        return slopes;
    }
}
