using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain.Losses;

/// <summary>
/// Samples of categories that have a gradient: <c>y = softmax((x + g) / temperature)</c>, g being independent noise from the Gumbel distribution, <c>-log(-log u)</c>. Its largest element
/// is class i with the probability softmax(x)_i, at any temperature; the lower that is, the nearer y is to one-hot.
/// </summary>
/// <remarks>
/// <para>
/// E. Jang, S. Gu and B. Poole, "Categorical reparameterization with Gumbel-softmax", ICLR 2017; C. J. Maddison, A. Mnih and Y. W. Teh, "The concrete distribution", ICLR 2017. That the
/// largest of x + g is a sample is Gumbel's (1954).
/// </para>
/// <para>
/// The uniform numbers come from the open interval (0, 1), so that no noise is infinite, from Philox4x32-10: number i of stream r for class i of row r. A sample depends on the seed, the
/// number of its row and the logits of that row alone, so neither threads nor the split of a batch change a bit, and <see cref="Gradient{T}"/> draws it again instead of having it kept.
/// Computed in double and rounded once.
/// </para>
/// <para>
/// A logit of -infinity has probability 0. A row that holds NaN or +infinity, or -infinity alone, gives NaN. The temperature 0 is the limit: a sample is one-hot, and as a step has no slope,
/// its gradient is 0. At the temperature infinity all classes that are possible share alike, and the gradient is 0. A negative temperature and NaN are refused.
/// </para>
/// </remarks>
public static unsafe class GumbelSoftMax
{
    private static readonly GumbelSoftMaxOptions Defaults = new();

    /// <summary>Draws one sample a row.</summary>
    /// <param name="logits">The rows of logits.</param>
    /// <param name="classes">The length of a row, at least 1.</param>
    /// <param name="temperature">At least 0. 1 or less, usually; each component of y then is near 0 or 1. Hard samples do not depend on it.</param>
    /// <param name="seed">Any number.</param>
    /// <param name="destination">Receives the samples; may be <paramref name="logits"/> itself.</param>
    /// <param name="options">Null for soft samples of rows from number 0.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="logits"/> is not a whole number of rows, or <paramref name="destination"/> is too short or overlaps in part. Nothing has been written then.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classes"/> is below 1, <paramref name="temperature"/> is negative or NaN, or an option is out of its range.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is not float, double, Half or BFloat16.</exception>
    public static void Sample<T>(ReadOnlySpan<T> logits, int classes, double temperature, ulong seed, Span<T> destination, GumbelSoftMaxOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        int rows = Check(logits, classes, options);
        CheckTemperature(temperature);
        CheckDestination(logits, destination, nameof(logits), nameof(destination));
        fixed (T* x = logits, y = destination)
        {
            GumbelRows.Sample(x, rows, classes, temperature, options.Hard, seed, (ulong)options.FirstRow, y, options.MaxDegreeOfParallelism);
        }
    }

    /// <summary>
    /// The derivative by the logits: <c>y_i (upstream_i - sum_j y_j upstream_j) / temperature</c> for the soft sample y that <see cref="Sample{T}"/> draws with the same arguments. For hard
    /// samples it is the same: the straight-through estimator, which takes the derivative of the soft sample in place of that of a step.
    /// </summary>
    /// <remarks>
    /// With k the class of the largest y, a component is the difference of <c>y_i (upstream_i - upstream_k) / temperature</c> and y_i times the mean of all such, and has the error of the larger
    /// one: rounded once (float), within 8 ulp of it (double), confident samples included. An upstream that is NaN or infinite leaves no finite component in its row.
    /// </remarks>
    /// <param name="logits">The logits of the forward operation.</param>
    /// <param name="classes">The length of a row, at least 1.</param>
    /// <param name="temperature">That of the forward operation.</param>
    /// <param name="seed">That of the forward operation.</param>
    /// <param name="upstream">The derivative of the loss by each element of the samples.</param>
    /// <param name="destination">Receives the derivatives; may be <paramref name="logits"/> or <paramref name="upstream"/> itself.</param>
    /// <param name="options">Those of the forward operation.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="logits"/> is not a whole number of rows, the lengths differ, or <paramref name="destination"/> is too short or overlaps in part. Nothing has been written then.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classes"/> is below 1, <paramref name="temperature"/> is negative or NaN, or an option is out of its range.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is not float, double, Half or BFloat16.</exception>
    public static void Gradient<T>(
        ReadOnlySpan<T> logits, int classes, double temperature, ulong seed, ReadOnlySpan<T> upstream, Span<T> destination, GumbelSoftMaxOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        int rows = Check(logits, classes, options);
        CheckTemperature(temperature);
        LossArguments.CheckCount(upstream.Length, logits.Length, nameof(upstream));
        CheckDestination(logits, destination, nameof(logits), nameof(destination));
        CheckDestination(upstream, destination, nameof(upstream), nameof(destination));
        fixed (T* x = logits, g = upstream, y = destination)
        {
            GumbelRows.Differentiate(x, g, rows, classes, temperature, seed, (ulong)options.FirstRow, y, options.MaxDegreeOfParallelism);
        }
    }

    /// <summary>Draws one class a row with the probabilities <c>softmax(logits)</c>: the place of the 1 in a hard sample, which needs no softmax and no temperature (Gumbel-max).</summary>
    /// <param name="logits">The rows of logits.</param>
    /// <param name="classes">The length of a row, at least 1.</param>
    /// <param name="seed">Any number.</param>
    /// <param name="destination">Receives one class a row; -1 where the logits have no softmax.</param>
    /// <param name="options">Null for rows from number 0.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="logits"/> is not a whole number of rows, or <paramref name="destination"/> is too short or overlaps. Nothing has been written then.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classes"/> is below 1, or an option is out of its range.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is not float, double, Half or BFloat16.</exception>
    public static void SampleClasses<T>(ReadOnlySpan<T> logits, int classes, ulong seed, Span<int> destination, GumbelSoftMaxOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        int rows = Check(logits, classes, options);
        LossArguments.CheckLength(destination.Length, rows, nameof(destination));
        LossArguments.CheckApart<T, int>(logits, destination[..rows], nameof(logits), nameof(destination));
        fixed (T* x = logits)
        fixed (int* y = destination)
        {
            GumbelRows.Classes(x, rows, classes, seed, (ulong)options.FirstRow, y, options.MaxDegreeOfParallelism);
        }
    }

    private static int Check<T>(ReadOnlySpan<T> logits, int classes, GumbelSoftMaxOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LossArguments.CheckElement<T>();
        LossArguments.CheckDegree(options.MaxDegreeOfParallelism);
        if (options.FirstRow < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.FirstRow, $"FirstRow is {options.FirstRow}, but at least 0 was expected.");
        }

        return LossArguments.Rows(logits.Length, classes, nameof(logits));
    }

    private static void CheckTemperature(double temperature)
    {
        if (!(temperature >= 0))
        {
            throw new ArgumentOutOfRangeException(nameof(temperature), temperature, $"temperature is {temperature}, but at least 0 was expected.");
        }
    }

    private static void CheckDestination<T>(ReadOnlySpan<T> input, ReadOnlySpan<T> destination, string inputName, string name)
    {
        LossArguments.CheckLength(destination.Length, input.Length, name);
        LossArguments.CheckInPlace(input, destination[..input.Length], inputName, name);
    }
}
