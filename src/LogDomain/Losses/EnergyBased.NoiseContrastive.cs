using System.Numerics;
using LogDomain.Kernels;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Losses;

/// <content>Noise-contrastive estimation.</content>
public static partial class EnergyBased
{
    /// <summary>
    /// Computes the loss of noise-contrastive estimation, which tells data from noise by a model's densities without normalising them: with <c>s = log model - log noise - log(m / n)</c>,
    /// <c>loss = (sum over n data of -log sigmoid(s) + sum over m noise of -log sigmoid(-s)) / n</c>, in nats.
    /// </summary>
    /// <remarks>
    /// M. Gutmann and A. Hyvarinen, Journal of Machine Learning Research 13 (2012), 307-361, equation 8 with its sign changed. log model is <c>-E - c</c> with a parameter c that
    /// becomes log Z. Terms and sums are in double; a term is within 2 ulp of it however confident it is.
    /// </remarks>
    /// <param name="dataLogModel">log model at each of n data.</param>
    /// <param name="dataLogNoise">log noise at each of them, normalised.</param>
    /// <param name="noiseLogModel">log model at each of m samples of the noise.</param>
    /// <param name="noiseLogNoise">log noise at each of them.</param>
    /// <returns>The loss; NaN without data or without noise.</returns>
    /// <exception cref="ArgumentException">Lengths differ.</exception>
    public static T NoiseContrastive<T>(ReadOnlySpan<T> dataLogModel, ReadOnlySpan<T> dataLogNoise, ReadOnlySpan<T> noiseLogModel, ReadOnlySpan<T> noiseLogNoise)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LossArguments.CheckCount(dataLogNoise.Length, dataLogModel.Length, nameof(dataLogNoise));
        LossArguments.CheckCount(noiseLogNoise.Length, noiseLogModel.Length, nameof(noiseLogNoise));
        return Contrast(dataLogModel, dataLogNoise, noiseLogModel, noiseLogNoise, default, default, hasGradient: false);
    }

    /// <summary>Computes <see cref="NoiseContrastive{T}"/> and its derivative by every log-density of the model.</summary>
    /// <param name="dataLogModel">log model at each of n data.</param>
    /// <param name="dataLogNoise">log noise at each of them, normalised.</param>
    /// <param name="noiseLogModel">log model at each of m samples of the noise.</param>
    /// <param name="noiseLogNoise">log noise at each of them.</param>
    /// <param name="dataGradient">Receives <c>-sigmoid(-s) / n</c>; may be <paramref name="dataLogModel"/>. The derivative by c is minus the sum of both gradients.</param>
    /// <param name="noiseGradient">Receives <c>sigmoid(s) / n</c>; may be <paramref name="noiseLogModel"/>.</param>
    /// <returns>The loss.</returns>
    /// <exception cref="ArgumentException">Lengths differ, or a gradient is too short or overlaps anything but its own densities. Nothing has been written then.</exception>
    public static T NoiseContrastiveAndGradient<T>(
        ReadOnlySpan<T> dataLogModel,
        ReadOnlySpan<T> dataLogNoise,
        ReadOnlySpan<T> noiseLogModel,
        ReadOnlySpan<T> noiseLogNoise,
        Span<T> dataGradient,
        Span<T> noiseGradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LossArguments.CheckCount(dataLogNoise.Length, dataLogModel.Length, nameof(dataLogNoise));
        LossArguments.CheckCount(noiseLogNoise.Length, noiseLogModel.Length, nameof(noiseLogNoise));
        LossArguments.CheckLength(dataGradient.Length, dataLogModel.Length, nameof(dataGradient));
        LossArguments.CheckLength(noiseGradient.Length, noiseLogModel.Length, nameof(noiseGradient));
        dataGradient = dataGradient[..dataLogModel.Length];
        noiseGradient = noiseGradient[..noiseLogModel.Length];
        LossArguments.CheckInPlace(dataLogModel, dataGradient, nameof(dataLogModel), nameof(dataGradient));
        LossArguments.CheckApart(dataLogNoise, dataGradient, nameof(dataLogNoise), nameof(dataGradient));
        LossArguments.CheckApart(noiseLogModel, dataGradient, nameof(noiseLogModel), nameof(dataGradient));
        LossArguments.CheckApart(noiseLogNoise, dataGradient, nameof(noiseLogNoise), nameof(dataGradient));
        LossArguments.CheckInPlace(noiseLogModel, noiseGradient, nameof(noiseLogModel), nameof(noiseGradient));
        LossArguments.CheckApart(dataLogModel, noiseGradient, nameof(dataLogModel), nameof(noiseGradient));
        LossArguments.CheckApart(dataLogNoise, noiseGradient, nameof(dataLogNoise), nameof(noiseGradient));
        LossArguments.CheckApart(noiseLogNoise, noiseGradient, nameof(noiseLogNoise), nameof(noiseGradient));
        LossArguments.CheckApart(dataGradient, noiseGradient, nameof(dataGradient), nameof(noiseGradient));
        return Contrast(dataLogModel, dataLogNoise, noiseLogModel, noiseLogNoise, dataGradient, noiseGradient, hasGradient: true);
    }

    private static T Contrast<T>(
        ReadOnlySpan<T> dataLogModel,
        ReadOnlySpan<T> dataLogNoise,
        ReadOnlySpan<T> noiseLogModel,
        ReadOnlySpan<T> noiseLogNoise,
        Span<T> dataGradient,
        Span<T> noiseGradient,
        bool hasGradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double n = dataLogModel.Length, logRatio = Scalar.Log(noiseLogModel.Length / n);
        TripleSum sum = default;
        Add(dataLogModel, dataLogNoise, dataGradient, 1, ref sum);
        Add(noiseLogModel, noiseLogNoise, noiseGradient, -1, ref sum);
        return T.CreateTruncating(dataLogModel.Length == 0 || noiseLogModel.Length == 0 ? double.NaN : sum.Value.High / n);

        void Add(ReadOnlySpan<T> logModel, ReadOnlySpan<T> logNoise, Span<T> gradient, int sign, ref TripleSum sum)
        {
            for (int i = 0; i < logModel.Length; i++)
            {
                double s = sign * (double.CreateTruncating(logModel[i]) - double.CreateTruncating(logNoise[i]) - logRatio);
                sum.Add(-LogMath.LogSigmoid(s));
                if (hasGradient)
                {
                    gradient[i] = T.CreateTruncating(-sign * LogMath.Sigmoid(-s) / n);
                }
            }
        }
    }
}
