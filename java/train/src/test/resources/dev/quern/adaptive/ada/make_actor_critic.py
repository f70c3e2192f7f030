"""Three updates of the AdaAugment agent in float64, plain torch: writes actor_critic.json.

Weights, states and losses follow formulas that the Java test repeats, so that only results are stored.
"""

import json
import math
import pathlib

import torch

B, D, EPOCHS = 12, 20, 5
torch.set_default_dtype(torch.float64)


def wave(count, phase, scale):
    return torch.tensor([scale * math.sin(0.7 * i + phase) for i in range(count)])


def perceptron(widths, phase):
    layers = []
    for i, (a, b) in enumerate(zip(widths, widths[1:])):
        layer = torch.nn.Linear(a, b)
        layer.weight.data = wave(a * b, phase + 2 * i, 3 / math.sqrt(a)).view(b, a)
        layer.bias.data = wave(b, phase + 2 * i + 1, 3 / math.sqrt(a))
        layers += [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


class Agent:
    def __init__(self, actor, critic):
        self.actor = perceptron([D, *actor, 2], 0.1)
        self.critic = perceptron([D, *critic, 1], 0.2)
        self.optimizers = [torch.optim.Adam(net.parameters(), lr=3e-4, eps=1e-5, weight_decay=5e-4) for net in (self.actor, self.critic)]

    def update(self, s, a, r, s_next):
        alpha, beta = (torch.nn.functional.softplus(self.actor(s)) + 1).unbind(1)
        with torch.no_grad():
            y = r + 0.99 * self.critic(s_next)[:, 0]
        value = self.critic(s)[:, 0]
        log_pi = torch.distributions.Beta(alpha, beta).log_prob(a)
        losses = [-(log_pi * (y - value).detach()).sum(), ((y - value) ** 2).mean()]
        for optimizer, loss in zip(self.optimizers, losses):
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return alpha, beta, log_pi, y, losses

    def decay(self, epoch):
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = 3e-4 * (1 - 0.99 * epoch / (EPOCHS - 1))


def states(update, which):
    return wave(B * D, 3.0 * update + which, 1).view(B, D).abs()


def losses(update, which):
    return wave(B, 5.0 * update + which, 2).abs()


def main():
    golden = {}
    for name, sizes in {"released": ([128, 64], [128, 128]), "slide": ([512, 256], [512, 256])}.items():
        agent = Agent(*sizes)
        updates = []
        for epoch in range(3):
            weight = 1 - (epoch + 1) / EPOCHS
            l_ada, l_none, l_full = (losses(epoch, k) for k in range(3))
            r = weight * (l_full - l_ada) + (1 - weight) * (l_ada - l_none)
            a = 0.5 + 0.45 * wave(B, epoch + 0.5, 1)
            alpha, beta, log_pi, y, (actor, critic) = agent.update(states(epoch, 0), a, r, states(epoch, 1))
            agent.decay(epoch)
            nets = {"actor": agent.actor, "critic": agent.critic}
            updates.append(
                {
                    "reward": r.tolist(),
                    "alpha": alpha.tolist(),
                    "beta": beta.tolist(),
                    "log_pi": log_pi.tolist(),
                    "target": y.tolist(),
                    "actor_loss": actor.item(),
                    "critic_loss": critic.item(),
                    "weights": {
                        f"{net}.{i}": {"sum": p.sum().item(), "squares": (p**2).sum().item(), "first": p.flatten()[:3].tolist()}
                        for net, module in nets.items()
                        for i, p in enumerate(module.parameters())
                    },
                }
            )
        golden[name] = updates
    path = pathlib.Path(__file__).with_name("actor_critic.json")
    path.write_text(json.dumps(golden, indent=1) + "\n")


main()
